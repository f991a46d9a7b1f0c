package sdslookup

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// asRow and mhsRow are the two kinds of record that a directory has. The same rows are served over LDAP,
// over FHIR and as a static file, and the same questions are put to all three.
type asRow struct {
	asid, ods, party, manufacturer string
	ids                            []Interaction
}

type mhsRow struct {
	ods, party string
	id         Interaction
	addresses  []string
}

const odd = "https://odd.gp.example/"

var (
	slots  = []Interaction{slotSearch}
	asRows = []asRow{
		{"200000000001", "A12345", "A12345-0000001", "YGA", []Interaction{slotSearch, structured}},
		{"200000000002", "A12345", "A12345-0000002", "YGB", []Interaction{slotSearch, structured}}, // another system of the practice
		{"300000000001", "Z00001", "Z00001-1", "YGA", slots},
		{"300000000002", "Z00001", "Z00001-1", "YGA", slots},
		{"300000000003", "Z00002", "Z00002-1", "YGA", slots},
		{"300000000004", "Z00004", "Z00004-1", "YGA", slots},
		{"300000000005", "Z00005", "Z00005-1", "YGA", slots},
		{"300000000006", "Z00006", "z00006-1", "YGA", slots},
		{"300000000007", "Z00007", "Z00007-1", "YGA", slots},
		{"300000000008", "Z00008", "Z00008-1", "YGA", slots},
		{"300000000009", "Z00009", "Z00009-1", "YGA", slots},
		{"400000000100", "CONS1", "CONS1-1", "YGCON", []Interaction{slotSearch, structured}},
		{"400000000101", "CONS1", "CONS1-2", "YGOTH", slots},
	}
	mhsRows = []mhsRow{
		{"A12345", "A12345-0000001", slotSearch, []string{"https://gp.example/A12345"}},
		{"A12345", "A12345-0000001", structured, []string{"https://gp.example/A12345/structured"}},
		{"Z00001", "Z00001-1", slotSearch, []string{odd + "Z00001"}},
		{"Z00003", "Z00003-1", slotSearch, []string{odd + "Z00003"}},
		{"Z00004", "Z00004-1", slotSearch, []string{odd + "a"}},
		{"Z00004", "Z00004-1", slotSearch, []string{odd + "b"}},
		{"Z00005", "Z00005-1", slotSearch, []string{odd + "Z00005/", odd + "second/"}},
		{"Z00006", "Z00006-1", slotSearch, []string{odd + "Z00006"}},
		{"Z00007", "Z00007-1", slotSearch, []string{"not a url"}},
		{"Z00008", "Z00008-1", slotSearch, []string{"http://odd.gp.example/"}},
		{"Z00009", "Z00009-1", slotSearch, []string{odd + "Z00009"}},
		{"Z00009", "z00009-1", slotSearch, []string{odd + "Z00009"}},
	}
)

type anyDirectory interface {
	Directory
	Registry
}

func threeDirectories(t *testing.T) map[string]anyDirectory {
	t.Helper()
	f := newFamily(t)
	sds := httptest.NewTLSServer(http.HandlerFunc(serveFHIR))
	t.Cleanup(sds.Close)
	api, err := NewFHIR(FHIRConfig{URL: sds.URL + "/FHIR/R4/", Key: "secret", TLS: sds.Client().Transport.(*http.Transport).TLSClientConfig})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { api.Close() })
	file, err := NewStatic(staticRows())
	if err != nil {
		t.Fatal(err)
	}
	return map[string]anyDirectory{"LDAP": directoryAt(t, f, nil, newPeer(t, f.serverTLS(), serveLDAP)), "FHIR": api, "Static": file}
}

func TestSameCases(t *testing.T) {
	tests := []struct {
		name   string
		ods    string
		id     Interaction
		want   Endpoint
		kind   error
		step   Step
		reason map[string]Reason
		count  int // of candidates in an ErrAmbiguous
	}{
		{name: "ordinary", ods: "a12345 ", id: slotSearch, want: at("https://gp.example/A12345", "200000000001", "A12345-0000001")},
		{name: "another capability", ods: "A12345", id: structured, want: at("https://gp.example/A12345/structured", "200000000001", "A12345-0000001")},
		{name: "not enabled", ods: "A12345", id: documents, kind: ErrNotFound, step: StepMHS, reason: map[string]Reason{"LDAP": NotEnabled, "Static": NotEnabled}},
		{name: "unknown", ods: "X99999", id: slotSearch, kind: ErrNotFound, step: StepMHS, reason: map[string]Reason{"Static": UnknownODS}},
		{name: "two AS", ods: "Z00001", id: slotSearch, kind: ErrAmbiguous, step: StepAS, count: 2},
		{name: "AS alone", ods: "Z00002", id: slotSearch, kind: ErrNotFound, step: StepMHS, reason: map[string]Reason{"LDAP": NotEnabled, "Static": NotEnabled}},
		{name: "MHS alone", ods: "Z00003", id: slotSearch, kind: ErrNotFound, step: StepAS, reason: everywhere(NoASID)},
		{name: "two MHS", ods: "Z00004", id: slotSearch, kind: ErrAmbiguous, step: StepMHS, count: 2},
		{name: "two addresses", ods: "Z00005", id: slotSearch, kind: ErrAmbiguous, step: StepMHS, count: 2},
		{name: "party key in another case", ods: "Z00006", id: slotSearch, want: at(odd+"Z00006", "300000000006", "Z00006-1")},
		{name: "no URL", ods: "Z00007", id: slotSearch, kind: ErrAddressRefused, step: StepMHS, reason: everywhere(NoServiceRoot)},
		{name: "no https", ods: "Z00008", id: slotSearch, kind: ErrAddressRefused, step: StepMHS, reason: everywhere(NoServiceRoot)},
		{name: "identical duplicates", ods: "Z00009", id: slotSearch, want: at(odd+"Z00009", "300000000009", "Z00009-1")},
		{name: "filter in the code", ods: "A*)(x=*", id: slotSearch, kind: ErrInvalid},
		{name: "no interaction", ods: "A12345", id: "", kind: ErrInvalid},
	}
	for name, d := range threeDirectories(t) {
		for _, tt := range tests {
			t.Run(name+"/"+tt.name, func(t *testing.T) {
				told := 0
				ep, err := d.Endpoint(WithTrace(brief(t), &Trace{Searched: func(Search) { told++ }}), tt.ods, tt.id)
				if ep != tt.want || !errors.Is(err, tt.kind) {
					t.Fatalf("got %+v, %v; want %+v, %v", ep, err, tt.want, tt.kind)
				}
				if tt.kind != ErrInvalid && told == 0 {
					t.Error("the trace was told nothing")
				}
				var e *Error
				if !errors.As(err, &e) {
					return
				}
				if e.Step != tt.step || e.Reason != tt.reason[name] || tt.kind == ErrAmbiguous && len(e.Candidates) != tt.count {
					t.Errorf("got step %q, reason %q, %d candidates; want %q, %q, %d (%v)", e.Step, e.Reason, len(e.Candidates), tt.step, tt.reason[name], tt.count, err)
				}
			})
		}
	}
}

// everywhere is a reason that every directory can tell.
func everywhere(r Reason) map[string]Reason {
	return map[string]Reason{"LDAP": r, "FHIR": r, "Static": r}
}

func TestSameRegistry(t *testing.T) {
	for name, d := range threeDirectories(t) {
		for _, tt := range []struct {
			q    OwnQuery
			want string
			kind error
		}{
			{OwnQuery{"cons1", slotSearch, "ygcon"}, "400000000100", nil},
			{OwnQuery{"CONS1", slotSearch, "YGOTH"}, "400000000101", nil},
			{OwnQuery{"CONS1", structured, ""}, "400000000100", nil},
			{OwnQuery{"CONS1", slotSearch, ""}, "", ErrAmbiguous},
			{OwnQuery{"CONS1", slotSearch, "YGA"}, "", ErrNotFound},
			{OwnQuery{"CONS1", slotSearch, "*)(x"}, "", ErrInvalid},
		} {
			if got, err := d.OwnASID(brief(t), tt.q); got != tt.want || !errors.Is(err, tt.kind) {
				t.Errorf("%s, %+v: got %q, %v; want %q, %v", name, tt.q, got, err, tt.want, tt.kind)
			}
		}
		o, err := d.Organisation(brief(t), "A12345")
		if name == "Static" && (err != nil || o.ODS != "A12345") || name != "Static" && !errors.Is(err, ErrNotKnown) {
			t.Errorf("%s: got %+v, %v", name, o, err)
		}
	}
}

// serveLDAP evaluates the filters that are asked, with the schema's rules of case, on a directory that has
// no organisations.
func serveLDAP(a *asked) {
	if a.base != "ou=services,o=nhs" {
		a.done(32)
		return
	}
	terms := make(map[string]string)
	for _, term := range strings.Split(strings.Trim(a.filter, "(&)"), ")(") {
		name, value, _ := strings.Cut(term, "=")
		terms[strings.ToLower(name)] = value
	}
	has := func(name, value string, fold bool) bool {
		want, asked := terms[name]
		return !asked || want == value || fold && strings.EqualFold(want, value)
	}
	for _, m := range mhsRows {
		if has("nhsidcode", m.ods, false) && has("objectclass", "nhsMhs", true) && has("nhsmhssvcia", string(m.id), false) && terms["nhsassvcia"] == "" {
			a.entries(record{"uniqueIdentifier=" + m.ods + ",ou=services,o=nhs", map[string][]string{"nhsMHSEndPoint": m.addresses, "nhsMHSPartyKey": {m.party}}})
		}
	}
	for _, s := range asRows {
		if has("nhsidcode", s.ods, false) && has("objectclass", "nhsAs", true) && has("nhsmhspartykey", s.party, true) && has("nhsmhsmanufacturerorg", s.manufacturer, true) &&
			(terms["nhsassvcia"] == "" || slices.Contains(s.ids, Interaction(terms["nhsassvcia"]))) {
			a.entries(record{"uniqueIdentifier=" + s.asid + ",ou=services,o=nhs", map[string][]string{"uniqueIdentifier": {s.asid}, "nhsMHSPartyKey": {s.party}}})
		}
	}
	a.done(0)
}

// serveFHIR is the SDS FHIR API on the same rows.
func serveFHIR(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	ask := map[string]string{}
	for name, values := range q {
		for _, v := range values {
			system, value, ok := strings.Cut(v, "|")
			if !ok || name != "organization" && name != "identifier" && name != "manufacturing-organization" {
				outcome(w, http.StatusBadRequest, "BAD_REQUEST")
				return
			}
			ask[name+" "+system[strings.LastIndex(system, "/")+1:]] = value
		}
	}
	_, err := uuid.Parse(r.Header.Get("X-Correlation-Id"))
	switch {
	case r.Header.Get("apikey") != "secret":
		outcome(w, http.StatusUnauthorized, "ACCESS_DENIED")
		return
	case r.Method != http.MethodGet || err != nil || r.Header.Get("Accept") != "application/fhir+json" || r.Header.Get("Cache-Control") != "no-cache":
		outcome(w, http.StatusBadRequest, "BAD_REQUEST")
		return
	}
	ods, id, party := ask["organization ods-organization-code"], ask["identifier nhsServiceInteractionId"], ask["identifier nhsMhsPartyKey"]
	var resources []any
	switch r.URL.Path {
	case "/FHIR/R4/Endpoint":
		for _, m := range mhsRows {
			if m.ods == ods && string(m.id) == id {
				for _, address := range m.addresses {
					resources = append(resources, endpointResource(m, address))
				}
			}
		}
	case "/FHIR/R4/Device":
		for _, s := range asRows {
			maker, asked := ask["manufacturing-organization ods-organization-code"]
			if s.ods == ods && slices.Contains(s.ids, Interaction(id)) && (party == "" || strings.EqualFold(s.party, party)) && (!asked || strings.EqualFold(maker, s.manufacturer)) {
				resources = append(resources, deviceResource(s))
			}
		}
	default:
		outcome(w, http.StatusNotFound, "NO_RECORD_FOUND")
		return
	}
	searchset(w, resources)
}

func searchset(w http.ResponseWriter, resources []any) {
	entries := make([]any, len(resources))
	for i, r := range resources {
		entries[i] = map[string]any{"fullUrl": fmt.Sprintf("https://sds.example/%s", uuid.NewString()), "resource": r, "search": map[string]any{"mode": "match"}}
	}
	w.Header().Set("Content-Type", "application/fhir+json")
	json.NewEncoder(w).Encode(map[string]any{"resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": entries})
}

func outcome(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/fhir+json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]any{"resourceType": "OperationOutcome", "issue": []any{map[string]any{
		"severity": "error", "code": "invalid", "details": map[string]any{"coding": []any{map[string]any{"code": code}}}}}})
}

func identifier(system, value string) map[string]any {
	return map[string]any{"system": "https://fhir.nhs.uk/Id/" + system, "value": value}
}

func endpointResource(m mhsRow, address string) map[string]any {
	return map[string]any{
		"resourceType": "Endpoint", "id": uuid.NewString(), "status": "active", "address": address,
		"connectionType":       map[string]any{"system": "http://terminology.hl7.org/CodeSystem/endpoint-connection-type", "code": "hl7-fhir-msg"},
		"payloadType":          []any{map[string]any{"coding": []any{map[string]any{"code": "any"}}}},
		"managingOrganization": map[string]any{"identifier": identifier("ods-organization-code", m.ods)},
		"identifier":           []any{identifier("nhsMhsFQDN", "gp.example"), identifier("nhsMhsPartyKey", m.party)},
		"extension": []any{map[string]any{"url": "https://fhir.nhs.uk/StructureDefinition/Extension-SDS-NhsServiceInteractionId",
			"valueReference": map[string]any{"identifier": identifier("nhsServiceInteractionId", string(m.id))}}},
	}
}

func deviceResource(s asRow) map[string]any {
	return map[string]any{
		"resourceType": "Device", "id": uuid.NewString(),
		"identifier": []any{identifier("nhsSpineASID", s.asid), identifier("nhsMhsPartyKey", s.party)},
		"owner":      map[string]any{"identifier": identifier("ods-organization-code", s.ods)},
	}
}

// staticRows is the file that says the same.
func staticRows() StaticConfig {
	var c StaticConfig
	for _, s := range asRows {
		c.Practices = append(c.Practices, StaticPractice{ODS: s.ods})
		c.Systems = append(c.Systems, StaticSystem{ODS: s.ods, Manufacturer: s.manufacturer, ASID: s.asid, Interactions: s.ids})
	}
	for _, m := range mhsRows {
		p := StaticPractice{ODS: m.ods}
		for _, address := range m.addresses {
			service := StaticService{Interactions: []Interaction{m.id}, Address: address, PartyKey: m.party}
			alone := true
			for _, s := range asRows {
				if s.ods == m.ods && strings.EqualFold(s.party, m.party) {
					service.ASID = s.asid
					p.Services = append(p.Services, service)
					alone = false
				}
			}
			if alone {
				p.Services = append(p.Services, service)
			}
		}
		c.Practices = append(c.Practices, p)
	}
	return c
}
