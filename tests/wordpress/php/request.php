<?php
// What WordPress wants to know of a request, for a script that nobody has requested.
$blog = json_decode(file_get_contents(ABSPATH . 'blog.json'), true);
$_SERVER['HTTP_HOST'] = preg_replace('~^https?://~', '', $blog['url']);
$_SERVER['SERVER_NAME'] = parse_url($blog['url'], PHP_URL_HOST);
$_SERVER['REMOTE_ADDR'] = '127.0.0.1';
$_SERVER['REQUEST_URI'] = '/';
