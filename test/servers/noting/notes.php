<?php
// A router of PHP's built-in server that takes notes, as notes.py does.
header("Content-Type: text/plain");
$body = file_get_contents("php://input");
if ($_SERVER["REQUEST_METHOD"] === "POST") {
    file_put_contents(getenv("NOTES"), "$body\n", FILE_APPEND);
}
echo $body;
