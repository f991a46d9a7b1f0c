package sandbox

import (
	"bytes"
	"encoding/json"
	"os"
)

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

// chartOf is somebody's record, read from a file of one's own if it is one.
func (s *Server) chartOf(p *person) (*chart, error) {
	if p.file != "" {
		raw, err := os.ReadFile(p.file)
		if err != nil {
			return nil, err
		}
		return readChart(raw)
	}
	if p.load == nil {
		return newChart(), nil
	}
	return p.load()
}

// ofKind are the resources of a type.
func (c *chart) ofKind(kind string) (all []resource) {
	for _, r := range c.resources {
		if r.kind == kind {
			all = append(all, r)
		}
	}
	return all
}

// administrativeOf notes who and what a resource names, and the roles of who is named.
func (c *chart) administrativeOf(r resource, found map[int]bool) {
	for _, l := range r.links {
		at, ok := c.at[l.target]
		if !ok || found[at] || !administrative(c.resources[at].kind) {
			continue
		}
		found[at] = true
		for _, back := range c.back[l.target] {
			if c.resources[back.from].kind == "PractitionerRole" && back.via == "practitioner" {
				found[back.from] = true
			}
		}
	}
}

func patientID(c *chart) string {
	if c.patient < 0 {
		return ""
	}
	return c.resources[c.patient].id
}
