<?php
// Publishes a post, given as JSON, or changes one with an ID, and tells those it
// links to; prints what came of it.
require __DIR__ . '/request.php';
require ABSPATH . 'wp-load.php';
// No word to the update services, which are not on this machine.
add_filter('pre_option_ping_sites', '__return_empty_string');

$post = wp_slash([
    ...json_decode($argv[1], true),
    'post_status' => 'publish',
    'post_author' => 1,
]);
$id = isset($post['ID']) ? wp_update_post($post, true) : wp_insert_post($post, true);
if (is_wp_error($id)) {
    throw new RuntimeException($id->get_error_message());
}
// Publishing has scheduled this, and wp-cron would do it a moment later.
do_action('do_pings');
wp_clear_scheduled_hook('do_pings');

clean_post_cache($id);
// Of nothing WordPress makes one empty URL.
$urls = fn($found) => array_values(array_filter($found));
echo json_encode([
    'url' => get_permalink($id),
    'told' => $urls(get_pung($id)),
    'untold' => $urls(get_to_ping($id)),
]), "\n";
