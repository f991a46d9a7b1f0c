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

// judgeMedia checks what the request's body is written in and what its answer may be: the
// _format parameter before Accept, then the Content-Type, then JSON.
func judgeMedia(h http.Header, query url.Values, hasBody bool) string {
	if hasBody {
		if formatOf(h.Get("Content-Type")) != formatJSON || strings.Contains(h.Get("Content-Type"), "*") {
			return "Content-Type is not application/fhir+json"
		}
		if h.Get("Content-Encoding") != "" {
			return "Content-Encoding is not supported for requests"
		}
	}
	if query.Has("_format") {
		f := strings.ReplaceAll(query.Get("_format"), " ", "+") // a plus that was not encoded
		if f == "json" || formatOf(f) == formatJSON {
			return ""
		}
		return "_format is not application/fhir+json"
	}
	accept := strings.Join(h.Values("Accept"), ",")
	if accept == "" {
		return ""
	}
	for part := range strings.SplitSeq(accept, ",") {
		if formatOf(strings.TrimSpace(part)) == formatJSON {
			return ""
		}
	}
	return "Accept does not allow application/fhir+json"
}
