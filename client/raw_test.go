package client_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
	"github.com/gpconnect-go/gpc/sandbox"
	"github.com/gpconnect-go/gpc/sdslookup"
)

// fixed is a directory of one answer, for tests that look at what the door does with it.
type fixed sdslookup.Endpoint

func (f fixed) Endpoint(context.Context, string, sdslookup.Interaction) (sdslookup.Endpoint, error) {
	return sdslookup.Endpoint(f), nil
}

var (
	surgery = fixed{
		Address: "https://pcs.thirdparty.nhs.uk/T99999/STU3/1/gpconnect/structured",
		ASID:    "999999999999", PartyKey: "T99999-9999999",
	}
	asking = client.Organisation{ODS: "A11111", Name: "Example Org", ASID: "200000000359"}
	user   = client.Practitioner{ID: "u-1", Family: "Doe", Given: []string{"Sam"}, Prefix: []string{"Dr"}, LocalSystem: "https://consumer.example/Id/user"}
	device = client.Device{System: "https://consumer.example/Id/device", ID: "D1", Model: "gpc", Version: "0.1.0"}
)

// wiretap is a TLS server that shows the bytes of one request and answers them.
func wiretap(t *testing.T, answer string) (address string, config *tls.Config, heard <-chan string) {
	t.Helper()
	// The sandbox makes keys; nothing else of it is used.
	box, err := sandbox.Start(t.Context(), sandbox.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { box.Close() })
	config, pair := tapKeys(t, box)
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{pair}, MaxVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	bytes := make(chan string, 16)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go hear(conn, answer, bytes)
		}
	}()
	return "https://" + l.Addr().String(), config, bytes
}

func hear(conn net.Conn, answer string, heard chan<- string) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	var request strings.Builder
	length := 0
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		request.WriteString(line)
		if name, value, _ := strings.Cut(line, ":"); strings.EqualFold(name, "Content-Length") {
			_ = json.Unmarshal([]byte(strings.TrimSpace(value)), &length)
		}
		if line == "\r\n" {
			break
		}
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(in, body); err != nil {
		return
	}
	heard <- request.String() + string(body)
	_, _ = io.WriteString(conn, answer)
}

// next is the request that arrived next.
func next(t *testing.T, heard <-chan string) string {
	t.Helper()
	select {
	case request := <-heard:
		return request
	case <-time.After(30 * time.Second):
		t.Fatal("no request was sent")
		return ""
	}
}

func newClient(t *testing.T, config client.Config) *client.Client {
	t.Helper()
	if config.Issuer == "" {
		config.Issuer = "https://consumer.example.nhs.uk/"
	}
	if config.Device == (client.Device{}) {
		config.Device = device
	}
	c, err := client.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func practice(t *testing.T, c *client.Client, ods string) *client.Practice {
	t.Helper()
	e, err := c.Encounter(asking, user)
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Practice(ods)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const notFound = "HTTP/1.1 404 Not Found\r\nContent-Type: application/fhir+json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"

// TestRawRequest holds the request as the specification prints it: the request
// line with the address as the directory gave it, the names of the headers in
// their documented case, the token claim by claim.
func TestRawRequest(t *testing.T) {
	proxy, config, heard := wiretap(t, notFound)
	now := time.Unix(1700000000, 0)
	c := newClient(t, client.Config{ProxyURL: proxy, TLS: config, Directory: surgery, Now: func() time.Time { return now }})
	number, err := fhir.ParseNHSNumber("9000000009")
	if err != nil {
		t.Fatal(err)
	}
	query, err := record.Only("allergies")
	if err != nil {
		t.Fatal(err)
	}
	_, err = practice(t, c, "t99999 ").StructuredRecord(t.Context(), number, query)
	var failed *client.Error
	if !errors.As(err, &failed) {
		t.Fatalf("got %v, want a *client.Error", err)
	}

	head, body, _ := strings.Cut(next(t, heard), "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	if got, want := lines[0], "POST /https://pcs.thirdparty.nhs.uk/T99999/STU3/1/gpconnect/structured/Patient/$gpc.getstructuredrecord HTTP/1.1"; got != want {
		t.Errorf("request line\n got %s\nwant %s", got, want)
	}
	headers := map[string]string{}
	for _, l := range lines[1:] {
		name, value, _ := strings.Cut(l, ": ")
		headers[name] = value
	}
	for name, want := range map[string]string{
		"Ssp-TraceID":       failed.TraceID,
		"Ssp-From":          "200000000359",
		"Ssp-To":            "999999999999",
		"Ssp-InteractionID": "urn:nhs:names:services:gpconnect:fhir:operation:gpc.getstructuredrecord-1",
		"Accept":            "application/fhir+json;charset=utf-8",
		"Content-Type":      "application/fhir+json;charset=utf-8",
		"Accept-Encoding":   "gzip",
		"Host":              strings.TrimPrefix(proxy, "https://"),
	} {
		if got := headers[name]; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	checkToken(t, headers["Authorization"])
	const want = `{"resourceType":"Parameters","parameter":[{"name":"patientNHSNumber","valueIdentifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9000000009"}},` +
		`{"name":"includeAllergies","part":[{"name":"includeResolvedAllergies","valueBoolean":true}]}]}`
	if body != want {
		t.Errorf("body\n got %s\nwant %s", body, want)
	}
}

func checkToken(t *testing.T, authorization string) {
	t.Helper()
	token, ok := strings.CutPrefix(authorization, "Bearer ")
	parts := strings.Split(token, ".")
	if !ok || len(parts) != 3 || parts[2] != "" {
		t.Fatalf("Authorization: got %q, want Bearer, a header, a payload, a dot", authorization)
	}
	if got, want := parts[0], "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0"; got != want {
		t.Errorf("the token's header: got %s, want %s", got, want)
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatalf("the token's payload is not base64url without padding: %v", err)
	}
	const want = `{"iss":"https://consumer.example.nhs.uk/","sub":"u-1","aud":"https://pcs.thirdparty.nhs.uk/T99999/STU3/1/gpconnect/structured",
		"exp":1700000300,"iat":1700000000,"reason_for_request":"directcare","requested_scope":"patient/*.read",
		"requesting_device":{"resourceType":"Device","identifier":[{"system":"https://consumer.example/Id/device","value":"D1"}],"model":"gpc","version":"0.1.0"},
		"requesting_organization":{"resourceType":"Organization","identifier":[{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"A11111"}],"name":"Example Org"},
		"requesting_practitioner":{"resourceType":"Practitioner","id":"u-1","identifier":[{"system":"https://fhir.nhs.uk/Id/sds-user-id","value":"UNK"},
			{"system":"https://fhir.nhs.uk/Id/sds-role-profile-id","value":"UNK"},{"system":"https://consumer.example/Id/user","value":"u-1"}],
			"name":[{"family":"Doe","given":["Sam"],"prefix":["Dr"]}]}}`
	if got, want := canonical(t, payload), canonical(t, []byte(want)); got != want {
		t.Errorf("claims\n got %s\nwant %s", got, want)
	}
}

func canonical(t *testing.T, data []byte) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestReadHasNoBody: a GET goes out without a body, and once, though it is
// given one so that net/http cannot repeat it.
func TestReadHasNoBody(t *testing.T) {
	proxy, config, heard := wiretap(t, notFound)
	c := newClient(t, client.Config{ProxyURL: proxy, TLS: config, Directory: surgery})
	if _, err := practice(t, c, "T99999").Metadata(t.Context()); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	request := next(t, heard)
	if !strings.HasPrefix(request, "GET /https://pcs.thirdparty.nhs.uk/T99999/STU3/1/gpconnect/structured/metadata HTTP/1.1\r\n") {
		t.Errorf("got request\n%s", request)
	}
	for _, name := range []string{"Content-Length", "Transfer-Encoding", "Content-Type"} {
		if strings.Contains(request, name+":") {
			t.Errorf("the GET has a %s", name)
		}
	}
	if len(heard) != 0 {
		t.Error("a second request was sent")
	}
}
