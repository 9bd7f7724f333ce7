<?php
// Makes the tables of a blog and its posts; prints what the tests need to know of them.
require __DIR__ . '/request.php';
define('WP_INSTALLING', true);
require ABSPATH . 'wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
add_filter('pre_wp_mail', '__return_true');

// An empty password: WordPress makes up one that nobody needs to know.
wp_install('The neighbour', 'editor', 'editor@blog.example', true, '', '');
$GLOBALS['wp_rewrite']->set_permalink_structure('/%year%/%monthnum%/%day%/%postname%/');
// false: leave the web server's configuration alone.
flush_rewrite_rules(false);

function publish($title, $pings) {
    $id = wp_insert_post([
        'post_title' => $title,
        'post_content' => "<p>A few words on $title.</p>",
        'post_status' => 'publish',
        'post_author' => 1,
        'ping_status' => $pings,
    ], true);
    if (is_wp_error($id)) {
        throw new RuntimeException($id->get_error_message());
    }
    $GLOBALS['post'] = get_post($id);
    return ['id' => $id, 'url' => get_permalink($id), 'trackback' => get_trackback_url()];
}

echo json_encode([
    'open' => array_map(
        fn($title) => publish($title, 'open'),
        ['Rye', 'Wheat', 'Spelt', 'Oats', 'Millet'],
    ),
    'closed' => publish('Crumbs', 'closed'),
]), "\n";
