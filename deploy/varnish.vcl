vcl 4.1;

# Manchette behind Varnish (7.1 or later), with nginx.conf as the origin behind it:
#     varnishd -a :80 -f /etc/varnish/varnish.vcl -s malloc,512m -p http_gzip_support=off
# With TLS, what ends it stands before Varnish and says so in X-Forwarded-Proto.
#
# http_gzip_support=off, because the origin has each page as br and as gzip already; Varnish would take
# "br" out of every Accept-Encoding, and unpack gzip itself.

import purge;
import std;

backend origin {
    .host = "127.0.0.1";
    .port = "8080";
    # Longer than this a reader does not wait for an origin that hangs; then what is kept is shown.
    .connect_timeout = 1s;
    .first_byte_timeout = 5s;
    .between_bytes_timeout = 2s;
    # A sick origin is known before a reader asks, so that nobody waits for it.
    .probe = {
        .url = "/api/site.json";
        .timeout = 1s;
        .interval = 1s;
        .window = 3;
        .threshold = 2;
        .initial = 2;
    }
}

sub vcl_recv {
    # Files: nothing else can be done here.
    if (req.method != "GET" && req.method != "HEAD") {
        return (synth(405));
    }
    # No page depends on a cookie, a login or a query string (utm_source and the like).
    unset req.http.Cookie;
    unset req.http.Authorization;
    set req.url = regsub(req.url, "\?.*$", "");

    # The forms that there are of a page, under one name each.
    if (req.http.Accept-Encoding ~ "(?i)(^|[, ])br\s*(,|$|;\s*q=(1|0\.\d*[1-9]))") {
        set req.http.Accept-Encoding = "br";
    } elseif (req.http.Accept-Encoding ~ "(?i)(^|[, ])gzip\s*(,|$|;\s*q=(1|0\.\d*[1-9]))") {
        set req.http.Accept-Encoding = "gzip";
    } else {
        unset req.http.Accept-Encoding;
    }
    if (req.http.Save-Data ~ "(?i)^on") {
        set req.http.Save-Data = "on";
    } else {
        unset req.http.Save-Data;
    }

    # Shown first is what is kept, however old. Only a reader who gets there what is too old
    # (vcl_hit) comes back for a newer one, and does not wait in line with others who do: where a page
    # hangs, each waits for one timeout, and not for those of all who came before.
    unset req.http.X-Newer;
    if (req.restarts == 1) {
        set req.http.X-Newer = "please";
        set req.grace = 20s;
        set req.hash_ignore_busy = true;
    } else {
        set req.grace = 7d; # as far as the object's own goes
        set req.hash_ignore_busy = false;
    }
    return (hash);
}

sub vcl_hash {
    # The origin says by it whether to come back over TLS.
    if (req.http.X-Forwarded-Proto == "https") {
        hash_data("https");
    }
}

# How old a copy may be shown while a newer one is fetched. What is older is fetched first, while the
# origin is well.
sub vcl_hit {
    if (req.restarts == 0 && obj.ttl < -20s && std.healthy(req.backend_hint) && req.url !~ "^/(media|assets)/") {
        return (restart);
    }
    # There is no newer one to be had. From now on it counts as what was had just now, and nobody
    # waits for the next attempt meanwhile.
    if (req.restarts == 2) {
        purge.soft(5s);
    }
}

sub vcl_backend_response {
    # The origin has failed, or takes an asset's address for a page's: nobody sees it if there is
    # anything better.
    if (beresp.status >= 500 ||
        (beresp.status == 200 && bereq.url ~ "^/(assets|api|media)/" && beresp.http.Content-Type ~ "^text/html")) {
        return (abandon);
    }
    # Whole or not at all: half a file is an error, too.
    set beresp.do_stream = false;
    # An error is about now.
    if (beresp.status != 200 && beresp.status != 304) {
        set beresp.ttl = 1s;
        set beresp.grace = 0s;
        set beresp.keep = 0s;
        set beresp.uncacheable = true;
        return (deliver);
    }
    # From Cache-Control: how long a copy stays for the time when the origin fails.
    set beresp.grace = std.duration(
        regsub(beresp.http.Cache-Control, "^.*stale-if-error=(\d+).*$", "\1") + "s", 1d);
    set beresp.keep = 0s;
    # Pages and news are for browsers to ask again; five seconds spare the origin when all come at
    # once. With the twenty seconds above, a deployment is seen within half a minute. (Under Save-Data
    # the answer is private, because other caches may not know Vary. This one does.)
    if (bereq.url !~ "^/(media|assets)/") {
        set beresp.ttl = 5s;
    }
    return (deliver);
}

sub vcl_backend_error {
    return (abandon);
}

sub vcl_synth {
    # The origin has failed: once more, with what is kept.
    if (resp.status == 503 && req.http.X-Newer) {
        return (restart);
    }
    set resp.http.Cache-Control = "no-store";
    set resp.http.Content-Type = "text/plain; charset=utf-8";
    set resp.http.X-Content-Type-Options = "nosniff";
    set resp.http.Content-Security-Policy = "default-src 'none'; frame-ancestors 'none'";
    if (resp.status == 503) {
        set resp.http.Retry-After = "5";
    }
    set resp.body = "" + resp.status + " " + resp.reason;
    return (deliver);
}

sub vcl_deliver {
    unset resp.http.Via;
    unset resp.http.X-Varnish;
}
