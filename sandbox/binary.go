package sandbox

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
)

// readBinary answers with a document of at most five megabytes.
func readBinary(c *call) answer { return c.binary(maxDocument) }

// migrateBinary answers with any document.
func migrateBinary(c *call) answer { return c.binary(0) }

// maxDocument is how large a document may be to be read, in octets (access document).
const maxDocument = 5 << 20

// binary finds the attachment with the id, and makes its content: what it is and as large as
// its DocumentReference says. limit is 0 where there is none.
func (c *call) binary(limit int) answer {
	nobody := ""
	for _, nhs := range c.server.people.numbers {
		p := c.server.people.byNumber[nhs]
		if p.Practice != "" && p.Practice != c.practice.ODS || p.State == "not-registered" {
			continue
		}
		record, err := c.server.chartOf(p)
		if err != nil {
			continue
		}
		for _, r := range record.ofKind("DocumentReference") {
			for i, a := range attachments(r.fields) {
				if binaryID(r.id, i) != c.id() {
					continue
				}
				if code := c.documented(p); code != "" {
					nobody = code
					continue
				}
				return c.content(a, limit)
			}
		}
	}
	if nobody != "" {
		return refuse(nobody, "the patient's documents are not available here").blameless()
	}
	return refuse("NO_RECORD_FOUND", "no document has this id here").blameless()
}

func (c *call) content(a map[string]any, limit int) answer {
	kind, _ := a["contentType"].(string)
	size := sizeOf(a)
	if limit > 0 && size > limit {
		return refuse("NO_RECORD_FOUND", "the document is larger than five megabytes").blameless()
	}
	return c.single(map[string]any{"resourceType": "Binary", "id": c.id(), "meta": map[string]any{"versionId": "1"}, "contentType": kind,
		"content": base64.StdEncoding.EncodeToString(documentContent(kind, size))})
}

// sizeOf is an attachment's size, 0 if it does not say.
func sizeOf(attachment map[string]any) int {
	n, _ := attachment["size"].(json.Number)
	size, err := n.Int64()
	if err != nil || size < 0 || size > 64<<20 {
		return 0
	}
	return int(size)
}

// documentContent is a document of a kind and size: the smallest that such a document can be,
// filled up with what its readers pass over. A size of 0, or one too small, is not kept to.
func documentContent(kind string, size int) []byte {
	var b bytes.Buffer
	fill := []byte("This document is the sandbox's: it is about nobody.\r\n")
	switch kind {
	case "application/pdf":
		b.WriteString("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" +
			"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
		fill = []byte("% the sandbox's, about nobody\n")
	case "image/tiff":
		b.WriteString("II*\x00\x08\x00\x00\x00\x04\x00\x00\x01\x03\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01\x01\x03\x00\x01\x00\x00\x00\x01\x00\x00\x00" +
			"\x11\x01\x04\x00\x01\x00\x00\x00\x08\x00\x00\x00\x17\x01\x04\x00\x01\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00")
		fill = []byte{0}
	case "application/msword", "text/rtf", "application/rtf":
		b.WriteString(`{\rtf1\ansi This document is the sandbox's: it is about nobody.\par}`)
		fill = []byte("\n")
	default:
		b.Write(fill)
	}
	for b.Len() < size {
		b.Write(fill[:min(len(fill), size-b.Len())])
	}
	return b.Bytes()
}
