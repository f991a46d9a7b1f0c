package sandbox

import (
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// wantsJSON is the proxy's question: it answers in XML unless JSON is asked for.
func wantsJSON(r *http.Request) bool {
	_, query, _ := strings.Cut(r.RequestURI, "?")
	if values, err := url.ParseQuery(query); err == nil && values.Has("_format") {
		return strings.Contains(values.Get("_format"), "json")
	}
	return strings.Contains(strings.Join(r.Header.Values("Accept"), ","), "json")
}

// A format is what a body is written in.
type format int

const (
	unknownFormat format = iota
	formatJSON
	formatXML
)

// formatOf reads one media type, of STU3 only: DSTU2's application/json+fhir is refused.
func formatOf(mediaType string) format {
	kind, params, err := mime.ParseMediaType(mediaType)
	if err != nil || params["charset"] != "" && !strings.EqualFold(params["charset"], "utf-8") {
		return unknownFormat
	}
	switch kind {
	case "application/fhir+json", "application/json":
		return formatJSON
	case "application/fhir+xml", "application/xml", "text/xml":
		return formatXML
	case "*/*", "application/*":
		return formatJSON
	}
	return unknownFormat
}

// wanted is what an answer is to be written in: the _format parameter counts before Accept,
// of which the first media type known here counts, then the request's Content-Type, then
// JSON. It is unknown, and the reason told, when what is asked for is not FHIR.
func wanted(h http.Header, query url.Values) (f format, wrong string) {
	if query.Has("_format") {
		asked := strings.ReplaceAll(query.Get("_format"), " ", "+") // a plus that was not encoded
		switch asked {
		case "json":
			return formatJSON, ""
		case "xml":
			return formatXML, ""
		}
		if f = formatOf(asked); f == unknownFormat {
			return f, "_format is neither application/fhir+json nor application/fhir+xml"
		}
		return f, ""
	}
	accept := strings.Join(h.Values("Accept"), ",")
	if accept == "" {
		if formatOf(h.Get("Content-Type")) == formatXML {
			return formatXML, ""
		}
		return formatJSON, ""
	}
	for part := range strings.SplitSeq(accept, ",") {
		if f = formatOf(strings.TrimSpace(part)); f != unknownFormat {
			return f, ""
		}
	}
	return unknownFormat, "Accept allows neither application/fhir+json nor application/fhir+xml"
}

// judgeBody checks what a request's body is written in.
func judgeBody(h http.Header) (f format, wrong string) {
	f = formatOf(h.Get("Content-Type"))
	switch {
	case f == unknownFormat || strings.Contains(h.Get("Content-Type"), "*"):
		return unknownFormat, "Content-Type is neither application/fhir+json nor application/fhir+xml"
	case h.Get("Content-Encoding") != "":
		return unknownFormat, "Content-Encoding is not supported for requests"
	}
	return f, ""
}
