package client

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/sdslookup"
)

func tokenCall(t *testing.T, id Interaction) *call {
	t.Helper()
	row, ok := RowOf(id)
	if !ok {
		t.Fatalf("no interaction %s", id)
	}
	return &call{
		client: &Client{config: Config{
			Issuer: "https://consumer.example.nhs.uk/",
			Device: Device{System: "https://consumer.example/Id/device", ID: "D1", Model: "gpc", Version: "0.1.0"},
		}},
		row: row, ods: "T99999", endpoint: sdslookup.Endpoint{Address: "https://pcs.thirdparty.nhs.uk/T99999/DSTU2/1/gpconnect"},
		organisation: Organisation{ODS: "A11111", Name: "Example Org", ASID: "200000000359"},
		practitioner: Practitioner{ID: "u-1", Family: "Doe", Given: []string{"Sam"}, Prefix: []string{"Dr"}, LocalSystem: "https://consumer.example/Id/user"},
	}
}

// same compares two JSON documents.
func same(t *testing.T, what string, got any, want string) {
	t.Helper()
	var a, b any
	data, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if json.Unmarshal(data, &a) != nil || json.Unmarshal([]byte(want), &b) != nil {
		t.Fatal("no JSON")
	}
	g, _ := json.Marshal(a)
	w, _ := json.Marshal(b)
	if string(g) != string(w) {
		t.Errorf("%s\n got %s\nwant %s", what, g, w)
	}
}

// TestToken07 holds the 0.7 token's shape: its own systems, one name, a role,
// the record that is asked for.
func TestToken07(t *testing.T) {
	n, err := fhir.ParseNHSNumber("9658218873")
	if err != nil {
		t.Fatal(err)
	}
	k := tokenCall(t, GetCareRecord)
	k.patient = n
	c := k.claims(time.Unix(1700000000, 0))
	same(t, "a patient's record", c, `{"iss":"https://consumer.example.nhs.uk/","sub":"u-1","aud":"https://authorize.fhir.nhs.net/token","exp":1700000300,"iat":1700000000,
		"reason_for_request":"directcare","requested_record":{"resourceType":"Patient","identifier":[{"system":"http://fhir.nhs.net/Id/nhs-number","value":"9658218873"}]},
		"requested_scope":"patient/*.read",
		"requesting_device":{"resourceType":"Device","id":"1","identifier":[{"system":"https://consumer.example/Id/device","value":"D1"}],"model":"gpc","version":"0.1.0"},
		"requesting_organization":{"resourceType":"Organization","id":"1","identifier":[{"system":"http://fhir.nhs.net/Id/ods-organization-code","value":"A11111"}],"name":"Example Org"},
		"requesting_practitioner":{"resourceType":"Practitioner","id":"u-1","identifier":[{"system":"http://fhir.nhs.net/sds-user-id","value":"UNK"},{"system":"https://consumer.example/Id/user","value":"u-1"}],
			"name":{"family":["Doe"],"given":["Sam"],"prefix":["Dr"]},
			"practitionerRole":[{"role":{"coding":[{"system":"http://fhir.nhs.net/ValueSet/sds-job-role-name-1","code":"UNK"}]}}]}}`)
	if err := c.lint(); err != nil {
		t.Errorf("lint: %v", err)
	}
	same(t, "metadata", tokenCall(t, ReadHTMLMetadata).claims(time.Unix(0, 0)).Record,
		`{"resourceType":"Organization","identifier":[{"system":"http://fhir.nhs.net/Id/ods-organization-code","value":"T99999"}]}`)
}

func TestReason(t *testing.T) {
	for _, row := range Interactions() {
		want := "directcare"
		if strings.Contains(string(row.ID), "migrate") {
			want = "migration"
		}
		if got := tokenCall(t, row.ID).claims(time.Unix(0, 0)).Reason; got != want {
			t.Errorf("%s: got %s, want %s", row.ID, got, want)
		}
	}
}

// TestLint: each broken rule is named. A name of one word is none.
func TestLint(t *testing.T) {
	for rule, breakIt := range map[string]func(*call){
		"sub":               func(k *call) { k.practitioner.ID = "" },
		"iss":               func(k *call) { k.client.config.Issuer = "consumer" },
		"aud":               func(k *call) { k.endpoint.Address = "" },
		"has no name":       func(k *call) { k.organisation.Name = " " },
		"system must be":    func(k *call) { k.practitioner.LocalSystem = "users" },
		"must have a value": func(k *call) { k.organisation.ODS = "" },
	} {
		k := tokenCall(t, GetStructuredRecord)
		breakIt(k)
		if err := k.claims(time.Now()).lint(); err == nil || !strings.Contains(err.Error(), rule) {
			t.Errorf("%s: got %v", rule, err)
		}
	}
	k := tokenCall(t, GetStructuredRecord)
	k.practitioner.Given, k.practitioner.Prefix, k.practitioner.Family = nil, nil, "Madonna"
	if err := k.claims(time.Now()).lint(); err != nil {
		t.Errorf("a name of one word: %v", err)
	}
}
