<?php
// Runs before every script. WordPress looks for wp-config.php in ABSPATH: with
// the blog's own folder there, nothing needs to stand in /etc/wordpress.
define('ABSPATH', $_SERVER['BLOG_FOLDER'] . '/');
