package fhir

import (
	"bytes"
	"html"
	"strings"
	"unicode"
)

// A BodyKind is what the body of a response is, by its first bytes.
type BodyKind string

const (
	EmptyBody  BodyKind = "empty"  // nothing, or white space
	JSONBody   BodyKind = "JSON"   // FHIR or not
	XMLBody    BodyKind = "XML"    // FHIR or not
	HTMLBody   BodyKind = "HTML"   // a page made for a browser: not from a FHIR server
	TextBody   BodyKind = "text"   // "upstream connect error"
	BinaryBody BodyKind = "binary" // anything else
)

// Sniff says what body is, for an error that tells an OperationOutcome from the page of a
// proxy or a firewall. It looks at the first bytes: whether all of it is sound it cannot say.
func Sniff(body []byte) BodyKind {
	start := bytes.TrimLeft(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), " \t\r\n")
	start = head(start, 4096)
	switch {
	case len(start) == 0:
		return EmptyBody
	case start[0] == '{' || start[0] == '[':
		return JSONBody
	case start[0] == '<':
		return sniffMarkup(start)
	case isText(start):
		return TextBody
	}
	return BinaryBody
}

func head(body []byte, n int) []byte { return body[:min(len(body), n)] }

// sniffMarkup goes by the first element or document type.
func sniffMarkup(doc []byte) BodyKind {
	for {
		doc = bytes.TrimSpace(doc)
		end, length := "", 0
		switch {
		case bytes.HasPrefix(doc, []byte("<?")):
			end = "?>"
		case bytes.HasPrefix(doc, []byte("<!--")):
			end, length = "-->", len("<!--")
		case bytes.HasPrefix(doc, []byte("<!")):
			if isHTMLName(nameIn(doc, "<!doctype ")) {
				return HTMLBody
			}
			end = ">"
		case isHTMLName(nameIn(doc, "<")):
			return HTMLBody
		default:
			return XMLBody
		}
		i := bytes.Index(doc[min(length, len(doc)):], []byte(end))
		if i < 0 {
			return XMLBody
		}
		doc = doc[length+i+len(end):]
	}
}

// nameIn is the lower-case name that stands in doc after the prefix, or "".
func nameIn(doc []byte, prefix string) string {
	if len(doc) < len(prefix) || !strings.EqualFold(string(doc[:len(prefix)]), prefix) {
		return ""
	}
	rest := doc[len(prefix):]
	if i := bytes.IndexAny(rest, " \t\r\n/>"); i >= 0 {
		rest = rest[:i]
	}
	return strings.ToLower(string(rest))
}

func isHTMLName(name string) bool {
	switch name {
	case "html", "head", "body", "title", "meta", "script", "style", "link", "h1", "h2", "h3", "p", "div", "pre", "center", "table", "b", "br", "hr":
		return true
	}
	return false
}

// isText says whether there are no control characters, in whatever encoding.
func isText(start []byte) bool {
	for _, c := range start {
		if c < ' ' && !strings.ContainsRune("\t\r\n\f", rune(c)) {
			return false
		}
	}
	return true
}

// PageTitle is the title of an HTML page, else its first heading, on one line of at most
// 200 characters: "502 Bad Gateway" often is all that such a page says. It is somebody
// else's text: for a reader, not for a log.
func PageTitle(page []byte) string {
	if Sniff(page) != HTMLBody {
		return ""
	}
	page = head(page, 64<<10)
	for _, name := range []string{"title", "h1", "h2"} {
		if t := oneLine(elementText(page, name)); t != "" {
			return t
		}
	}
	return ""
}

// elementText is what lies between the first tag of that name and its end.
func elementText(page []byte, name string) []byte {
	lower := bytes.Clone(page)
	for i, c := range lower {
		if c >= 'A' && c <= 'Z' {
			lower[i] = c - 'A' + 'a'
		}
	}
	open := bytes.Index(lower, []byte("<"+name))
	if open < 0 {
		return nil
	}
	from := bytes.IndexByte(lower[open:], '>')
	to := bytes.Index(lower[open:], []byte("</"+name))
	if from < 0 || to < from {
		return nil
	}
	return page[open+from+1 : open+to]
}

// oneLine is text without tags, entities, control characters and runs of white space.
func oneLine(text []byte) string {
	var b strings.Builder
	inTag := false
	for _, r := range string(toUTF8(text)) {
		switch {
		case r == '<' || r == '>':
			inTag = r == '<'
			b.WriteByte(' ')
		case !inTag:
			b.WriteRune(r)
		}
	}
	printable := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, html.UnescapeString(b.String()))
	line := strings.Join(strings.Fields(printable), " ")
	if runes := []rune(line); len(runes) > 200 {
		line = strings.TrimSpace(string(runes[:200]))
	}
	return line
}
