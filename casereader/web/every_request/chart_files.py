"""Every chart of every page as a file: the page's own address, asked for one of its charts instead of the whole.

The page is made as ever, so whoever may not see it gets no chart of it either, and its charts are those it shows.
"""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlencode

from flask import Flask, Response, g, has_request_context, request

from casereader.charts.standing_alone import standing_alone
from casereader.exports import pictures
from casereader.naming import slug_of

CHART, AS = "chart", "as"
MIMETYPES = {"svg": "image/svg+xml", "png": "image/png"}
_FIGURE = re.compile(
    r'<figcaption class="cr_chart__caption" id="([^"]+)-caption">(.*?)</figcaption>.*?(<svg .*?</svg>)', re.DOTALL
)


def install(app: Flask) -> None:
    """Offer the charts of every page, and hand out the one that is asked for."""
    app.jinja_env.globals["chart_href"] = chart_href

    @app.after_request
    def _one_chart(response: Response) -> Response:
        form = request.args.get(AS, "")
        if CHART not in request.args or form not in MIMETYPES:
            return response
        if request.method != "GET" or response.status_code != 200 or response.mimetype != "text/html":
            return response
        wanted = request.args[CHART]
        found = next((one for one in _FIGURE.finditer(response.get_data(as_text=True)) if one[1] == wanted), None)
        if found is None:
            response.status_code = 404
            return response
        caption = unescape(found[2]).strip()
        svg = standing_alone(found[3], caption=caption, banner=g.get("banner") or "")
        response.set_data(pictures.png(svg) if form == "png" else svg.encode())
        response.mimetype = MIMETYPES[form]
        response.headers.set("Content-Disposition", "attachment", filename=f"{slug_of(caption)}.{form}")
        return response


def chart_href(id: str, form: str) -> str:
    """Where a chart of the page that is being made is had as a file; "" where the page is the answer to a form."""
    if not has_request_context() or request.method != "GET":
        return ""
    asked = {name: value for name, value in request.args.items(multi=True) if name not in (CHART, AS)}
    return f"{request.path}?{urlencode({**asked, CHART: id, AS: form})}"
