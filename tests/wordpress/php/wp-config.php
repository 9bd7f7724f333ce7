<?php
// The configuration of one blog; its values stand beside it in blog.json.
$blog = json_decode(file_get_contents(__DIR__ . '/blog.json'), true);
define('DB_NAME', $blog['database']);
define('DB_USER', 'root');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:' . $blog['socket']);
define('DB_CHARSET', 'utf8mb4');
define('WP_HOME', $blog['url']);
define('WP_SITEURL', $blog['url']);
define('WP_CONTENT_DIR', __DIR__ . '/wp-content');
define('WP_DEFAULT_THEME', 'twentytwentythree');
// No word to anybody outside this machine: updates, avatars, news.
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('WP_ACCESSIBLE_HOSTS', '127.*');
define('AUTOMATIC_UPDATER_DISABLED', true);
// WordPress would call its own wp-cron.php, and the tests count requests.
define('DISABLE_WP_CRON', true);
$table_prefix = 'wp_';
require_once ABSPATH . 'wp-settings.php';
