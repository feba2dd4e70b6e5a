<?php
// Posts over the borders of pages, in four categories with children; pictures with all their sizes;
// drafts, private, protected and future posts, which no reader may see.
require_once ABSPATH . 'wp-admin/includes/image.php';
kses_remove_filters();

$category = function ($name, $slug, $parent = 0) {
    return wp_insert_term($name, 'category', ['slug' => $slug, 'parent' => $parent])['term_id'];
};
$politics = $category('Politique', 'politique');
$parliament = $category('Parlement &amp; lois', 'parlement', $politics);
$culture = $category('Culture', 'culture');
$music = $category('Musique', 'musique', $culture);
$science = $category('Sciences', 'sciences');
$other = $category('Divers', 'divers');

$picture = function ($number, $width, $height) {
    $image = imagecreatetruecolor($width, $height);
    for ($x = 0; $x < $width; $x += 8) {
        imagefilledrectangle($image, $x, 0, $x + 8, $height, imagecolorallocate($image, ($x + 40 * $number) % 256, 120, 255 - $x % 256));
    }
    $uploads = wp_upload_dir();
    $file = $uploads['path'] . "/image-$number.jpg";
    imagejpeg($image, $file, 80);
    $id = wp_insert_attachment([
        'post_mime_type' => 'image/jpeg',
        'post_title' => "Image $number",
        'post_excerpt' => "Une rive au matin, n&deg; $number. © Atelier des Rives",
        'post_status' => 'inherit',
    ], $file);
    wp_update_attachment_metadata($id, wp_generate_attachment_metadata($id, $file));
    update_post_meta($id, '_wp_attachment_image_alt', "Bandes de couleur n° $number & reflets");
    return $id;
};
$pictures = [];
for ($number = 1; $number <= 4; $number++) $pictures[] = $picture($number, 1600, $number == 4 ? 1200 : 900);

$tags = ['eau', 'barrage', 'forêt', 'institutions', 'musique andalouse', 'marées', 'artisanat'];
$first = strtotime('2026-01-05 08:00:00');
for ($n = 1; $n <= 66; $n++) {
    $in = [$politics, $parliament, $culture, $music, $science][$n % 5];
    $text = "Une rivière ne monte pas d’un coup : elle prévient. Le relevé n° $n le montre, heure par heure.";
    $image = wp_get_attachment_image_src($pictures[$n % 4], 'large');
    $body = $n % 2
        ? "<!-- wp:paragraph -->\n<p>$text</p>\n<!-- /wp:paragraph -->\n\n<!-- wp:heading -->\n<h2>Ce que l’on mesure</h2>\n<!-- /wp:heading -->\n\n"
            . "<!-- wp:image {\"id\":{$pictures[$n % 4]},\"sizeSlug\":\"large\"} -->\n<figure class=\"wp-block-image size-large\"><img src=\"{$image[0]}\" alt=\"Bandes\" class=\"wp-image-{$pictures[$n % 4]}\"/><figcaption>Une règle graduée.</figcaption></figure>\n<!-- /wp:image -->\n\n"
            . "<!-- wp:list -->\n<ul><li>le niveau</li><li>le débit</li></ul>\n<!-- /wp:list -->"
        : "$text\n\nEt le lendemain, <strong>rien</strong> : l’eau s’est retirée.\n\n<script>alert(1)</script>\n\n<a href=\"" . home_url('/?p=1') . "\">Un lien</a>";
    $id = wp_insert_post([
        'post_title' => "Relevé n° $n &amp; ce qu’il dit",
        'post_name' => "releve-$n",
        'post_content' => wp_slash($body),
        'post_excerpt' => $n % 3 ? "Le relevé n° $n, expliqué en trois mesures." : '',
        'post_status' => 'publish',
        'post_date' => date('Y-m-d H:i:s', $first + $n * 7200),
        'post_author' => $n % 2 + 1,
        'post_category' => [$in],
        'tags_input' => [$tags[$n % 7], $tags[($n * 3) % 7]],
    ], true);
    if ($n % 4) set_post_thumbnail($id, $pictures[$n % 4]);
}
foreach (['draft', 'private', 'pending'] as $status) {
    wp_insert_post(['post_title' => "Secret $status", 'post_name' => "secret-$status", 'post_content' => 'secret', 'post_status' => $status, 'post_category' => [$politics]]);
}
wp_insert_post(['post_title' => 'Secret protégé', 'post_name' => 'secret-protege', 'post_content' => 'secret', 'post_password' => 'x', 'post_date' => '2026-01-04 08:00:00', 'post_status' => 'publish', 'post_category' => [$politics]]);
wp_insert_post(['post_title' => 'Secret à venir', 'post_name' => 'secret-a-venir', 'post_content' => 'secret', 'post_status' => 'future', 'post_date' => '2090-01-01 00:00:00', 'post_category' => [$politics]]);
wp_insert_post(['post_title' => 'Hors rubrique', 'post_name' => 'hors-rubrique', 'post_date' => '2026-01-03 08:00:00', 'post_content' => 'x', 'post_status' => 'publish', 'post_category' => [$other]]);
