<?php
// Approves all comments that wait for it, as an editor does; prints how many.
require __DIR__ . '/request.php';
require ABSPATH . 'wp-load.php';

$waiting = get_comments(['status' => 'hold']);
foreach ($waiting as $comment) {
    wp_set_comment_status($comment, 'approve');
}
echo count($waiting), "\n";
