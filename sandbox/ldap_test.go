package sandbox

import (
	"crypto/tls"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-ldap/ldap/v3"
)

func TestFiltersByTheSchemasMatchingRules(t *testing.T) {
	s := run(t, Config{Plain: true})
	c := dial(t, s)
	mhs := "(nhsMhsSvcIA=" + structuredRecord + ")"
	for _, test := range []struct {
		name, filter string
		want         int
	}{
		{"the two terms of step one", "(&(nhsIDCode=A12345)(objectClass=nhsMhs)" + mhs + ")", 1},
		{"attribute names in any case", "(&(NHSIDCODE=A12345)(OBJECTCLASS=nhsMhs)(nhsmhssvcia=" + structuredRecord + "))", 1},
		{"ODS code is case exact", "(&(nhsIDCode=a12345)(objectClass=nhsMhs))", 0},
		{"interaction is case exact", "(&(nhsIDCode=A12345)(nhsMhsSvcIA=" + strings.ToUpper(structuredRecord) + "))", 0},
		{"address is case exact", "(nhsMHSEndPoint=HTTPS://PROVIDER.SANDBOX.EXAMPLE/A12345/STU3/1/GPCONNECT/STRUCTURED)", 0},
		{"object class in any case", "(&(nhsIDCode=A12345)(objectClass=NHSMHS)" + mhs + ")", 1},
		{"party key in any case", "(&(nhsIDCode=Z00006)(objectClass=nhsAs)(nhsMHSPartyKey=Z00006-600000a))", 1},
		{"ASID", "(uniqueIdentifier=200000000359)", 1},
		{"manufacturer in any case", "(&(nhsIDCode=A11111)(nhsMhsManufacturerOrg=ygcon))", 1},
		{"client in any case", "(&(objectClass=nhsAs)(nhsAsClient=z00999))", 1},
		{"interaction of a system", "(&(nhsIDCode=A12345)(objectClass=nhsAs)(nhsAsSvcIA=" + structuredRecord + "))", 1},
		{"no equality rule", "(nhsProductKey=10999)", 0},
		{"no equality rule, negated", "(&(uniqueIdentifier=200000000359)(!(nhsProductKey=10999)))", 0},
		{"unknown attribute", "(nhsaASvcIA=" + structuredRecord + ")", 0},
		{"unknown attribute, negated", "(&(uniqueIdentifier=200000000359)(!(nhsaASvcIA=x)))", 0},
		{"unknown attribute in an or", "(|(nhsaASvcIA=x)(uniqueIdentifier=200000000359))", 1},
		{"substrings have no rule", "(&(nhsIDCode=A12345)(nhsMhsSvcIA=urn:nhs:names:services:gpconnect*))", 0},
		{"presence", "(&(nhsIDCode=A12345)(nhsMHSEndPoint=*)" + mhs + ")", 1},
		{"absence", "(&(nhsIDCode=A12345)(objectClass=nhsAs)(!(nhsMHSEndPoint=*)))", 1},
		{"greater or equal", "(nhsIDCode>=A12345)", 0},
		{"less or equal", "(nhsIDCode<=A12345)", 0},
		{"approximately", "(nhsIDCode~=A12345)", 0},
		{"empty and is true", "(&(uniqueIdentifier=200000000359)(&))", 1},
		{"empty or is false", "(&(uniqueIdentifier=200000000359)(|))", 0},
		{"not", "(&(nhsIDCode=A12345)(objectClass=nhsAs)(!(uniqueIdentifier=1)))", 1},
		{"outer spaces do not matter", "(nhsAsClient= A11111 )", 1},
	} {
		if got := len(find(t, c, test.filter)); got != test.want {
			t.Errorf("%s: got %d entries, want %d", test.name, got, test.want)
		}
	}
}

func TestAwkwardOrganisations(t *testing.T) {
	s := run(t, Config{})
	c := dial(t, s)
	for _, interaction := range []string{structuredRecord, "urn:nhs:names:services:gpconnect:fhir:rest:search:slot-1"} {
		for _, test := range []struct {
			ods                          string
			handlers, addresses, systems int
		}{
			{"Z00001", 1, 1, 2}, {"Z00002", 0, 0, 1}, {"Z00003", 1, 1, 0}, {"Z00004", 2, 2, 1}, {"Z00005", 1, 2, 1},
			{"Z00006", 1, 1, 1}, {"Z00007", 1, 1, 1}, {"Z00008", 1, 1, 1}, {"Z00009", 1, 1, 1}, {"Z00010", 1, 1, 1}, {"CONS1", 0, 0, 2},
		} {
			mhs := find(t, c, "(&(nhsIDCode="+test.ods+")(objectClass=nhsMhs)(nhsMhsSvcIA="+interaction+"))")
			addresses := 0
			for _, e := range mhs {
				addresses += len(e.GetEqualFoldAttributeValues("nhsMhsEndPoint"))
			}
			systems := len(find(t, c, "(&(nhsIDCode="+test.ods+")(objectClass=nhsAs)(nhsAsSvcIA="+interaction+"))"))
			if len(mhs) != test.handlers || addresses != test.addresses || systems != test.systems {
				t.Errorf("%s: got %d handlers with %d addresses, %d systems; want %d, %d, %d",
					test.ods, len(mhs), addresses, systems, test.handlers, test.addresses, test.systems)
			}
		}
	}
}

func TestSearchScopesAndBases(t *testing.T) {
	s := run(t, Config{Plain: true})
	c := dial(t, s)
	for _, test := range []struct {
		name, base string
		scope      int
		filter     string
		want       int
		code       uint16
	}{
		{"subtree", "ou=services,o=nhs", ldap.ScopeWholeSubtree, "(uniqueIdentifier=200000000359)", 1, 0},
		{"spaces and case in the base", "OU=Services , O = NHS", ldap.ScopeWholeSubtree, "(uniqueIdentifier=200000000359)", 1, 0},
		{"one level", "ou=services,o=nhs", ldap.ScopeSingleLevel, "(uniqueIdentifier=200000000359)", 1, 0},
		{"one level from above", "o=nhs", ldap.ScopeSingleLevel, "(uniqueIdentifier=200000000359)", 0, 0},
		{"the entry itself", "uniqueIdentifier=200000000359,ou=services,o=nhs", ldap.ScopeBaseObject, "(objectClass=*)", 1, 0},
		{"organisations", "ou=organisations,o=nhs", ldap.ScopeWholeSubtree, "(uniqueIdentifier=A12345)", 1, 0},
		{"services are not under organisations", "ou=organisations,o=nhs", ldap.ScopeWholeSubtree, "(uniqueIdentifier=200000000359)", 0, 0},
		{"everything", "", ldap.ScopeWholeSubtree, "(uniqueIdentifier=200000000359)", 1, 0},
		{"root DSE", "", ldap.ScopeBaseObject, "(objectClass=*)", 1, 0},
		{"no such base", "ou=nowhere,o=nhs", ldap.ScopeWholeSubtree, "(objectClass=*)", 0, ldap.LDAPResultNoSuchObject},
	} {
		r, err := c.Search(ldap.NewSearchRequest(test.base, test.scope, ldap.NeverDerefAliases, 0, 0, false, test.filter, nil, nil))
		if test.code != 0 {
			if !ldap.IsErrorWithCode(err, test.code) {
				t.Errorf("%s: got %v, want result code %d", test.name, err, test.code)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		} else if len(r.Entries) != test.want {
			t.Errorf("%s: got %d entries, want %d", test.name, len(r.Entries), test.want)
		}
	}
}

func TestAnswersInTheSchemasCase(t *testing.T) {
	s := run(t, Config{Plain: true})
	e := find(t, dial(t, s), "(&(nhsIDCode=A12345)(nhsMhsSvcIA="+structuredRecord+"))", "NHSMHSENDPOINT", "nhsmhspartykey", "unknownToAll")
	var names []string
	for _, a := range e[0].Attributes {
		names = append(names, a.Name)
	}
	slices.Sort(names)
	if want := []string{"nhsMHSEndPoint", "nhsMHSPartyKey"}; !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
}

func TestAttributeCaseOfItsOwn(t *testing.T) {
	s := run(t, Config{Seed: 7})
	e := find(t, dial(t, s), "(&(nhsIDCode=A12345)(nhsMhsSvcIA="+structuredRecord+"))")
	other := 0
	for _, a := range e[0].Attributes {
		if known, ok := s.directory.schema[strings.ToLower(a.Name)]; !ok {
			t.Errorf("attribute %s is not in the schema", a.Name)
		} else if known.name != a.Name {
			other++
		}
	}
	if other == 0 {
		t.Error("got every name in the schema's case, want another")
	}
}

func TestRequestedAttributes(t *testing.T) {
	s := run(t, Config{Plain: true})
	c := dial(t, s)
	ask := func(typesOnly bool, attributes ...string) *ldap.Entry {
		r, err := c.Search(ldap.NewSearchRequest("ou=services,o=nhs", ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, typesOnly, "(uniqueIdentifier=200000000359)", attributes, nil))
		if err != nil || len(r.Entries) != 1 {
			t.Fatalf("got %v, want one entry", err)
		}
		return r.Entries[0]
	}
	all := len(ask(false).Attributes)
	if got := len(ask(false, "*").Attributes); got != all || all < 8 {
		t.Errorf("*: got %d attributes, want the %d of an empty list", got, all)
	}
	if got := len(ask(false, "1.1").Attributes); got != 0 {
		t.Errorf("1.1: got %d attributes, want none", got)
	}
	types := ask(true, "uniqueIdentifier")
	if len(types.Attributes) != 1 || len(types.Attributes[0].Values) != 0 {
		t.Errorf("typesOnly: got %v, want the name without a value", types.Attributes)
	}
}

func TestSizeLimit(t *testing.T) {
	s := run(t, Config{Plain: true})
	r, err := dial(t, s).Search(ldap.NewSearchRequest("ou=services,o=nhs", ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 3, 0, false, "(nhsIDCode=A12345)", nil, nil))
	if !ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded) {
		t.Fatalf("got %v, want size limit exceeded", err)
	}
	if len(r.Entries) != 3 {
		t.Errorf("got %d entries, want the 3 of the limit", len(r.Entries))
	}
}

func TestBindsAndOtherOperations(t *testing.T) {
	s := run(t, Config{})
	c := dial(t, s)
	if err := c.UnauthenticatedBind(""); err != nil {
		t.Errorf("anonymous bind: %v", err)
	}
	if err := c.Bind("cn=somebody", "secret"); !ldap.IsErrorWithCode(err, ldap.LDAPResultInvalidCredentials) {
		t.Errorf("bind with a name: got %v, want invalid credentials", err)
	}
	if err := c.ExternalBind(); !ldap.IsErrorWithCode(err, ldap.LDAPResultAuthMethodNotSupported) {
		t.Errorf("SASL bind: got %v, want method not supported", err)
	}
	if err := c.Del(ldap.NewDelRequest("o=nhs", nil)); !ldap.IsErrorWithCode(err, ldap.LDAPResultUnwillingToPerform) {
		t.Errorf("delete: got %v, want unwilling to perform", err)
	}
	if err := c.Modify(ldap.NewModifyRequest("o=nhs", nil)); !ldap.IsErrorWithCode(err, ldap.LDAPResultUnwillingToPerform) {
		t.Errorf("modify: got %v, want unwilling to perform", err)
	}
	if _, err := c.Compare("o=nhs", "o", "nhs"); !ldap.IsErrorWithCode(err, ldap.LDAPResultUnwillingToPerform) {
		t.Errorf("compare: got %v, want unwilling to perform", err)
	}
	if _, err := c.WhoAmI(nil); !ldap.IsErrorWithCode(err, ldap.LDAPResultProtocolError) {
		t.Errorf("extended operation: got %v, want protocol error", err)
	}
	_, err := c.Search(ldap.NewSearchRequest("o=nhs", ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false, "(o=nhs)", nil,
		[]ldap.Control{ldap.NewControlString("1.2.3.4", true, "")}))
	if !ldap.IsErrorWithCode(err, ldap.LDAPResultUnavailableCriticalExtension) {
		t.Errorf("critical control: got %v, want unavailable critical extension", err)
	}
	if got := len(find(t, c, "(uniqueIdentifier=200000000359)")); got != 1 {
		t.Errorf("the connection after all this: got %d entries, want 1", got)
	}
}

func TestManySearchesOnOneConnection(t *testing.T) {
	s := run(t, Config{})
	c := dial(t, s)
	asids := []string{"200000000359", "200000000367", "918999198738", "300000000011"}
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			want := asids[i%len(asids)]
			r, err := c.Search(ldap.NewSearchRequest("ou=services,o=nhs", ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false, "(uniqueIdentifier="+want+")", nil, nil))
			if err != nil {
				t.Errorf("search: %v", err)
			} else if got := r.Entries[0].GetEqualFoldAttributeValue("uniqueIdentifier"); got != want {
				t.Errorf("answers were mixed up: got %s, want %s", got, want)
			}
		})
	}
	wg.Wait()
	if got := len(s.Requests()); got != 40 {
		t.Errorf("history: got %d searches, want 40", got)
	}
}

func TestSlowSearchDoesNotHoldUpOthers(t *testing.T) {
	s := run(t, Config{Faults: []string{"ldap:hang@1"}})
	c := dial(t, s)
	slow := make(chan error, 1)
	go func() {
		_, err := c.Search(ldap.NewSearchRequest("o=nhs", ldap.ScopeBaseObject, ldap.NeverDerefAliases, 0, 0, false, "(o=nhs)", nil, nil))
		slow <- err
	}()
	waitFor(t, func() bool { return len(s.Requests()) == 1 })
	if got := len(find(t, c, "(uniqueIdentifier=200000000359)")); got != 1 {
		t.Errorf("got %d entries, want 1", got)
	}
	select {
	case err := <-slow:
		t.Errorf("the search that hangs was answered: %v", err)
	default:
	}
}

func TestDirectoryDemandsClientCertificate(t *testing.T) {
	s := run(t, Config{})
	config := trust(t, s)
	config.Certificates = nil
	refused := func(config *tls.Config) error {
		c, err := ldap.DialURL(s.LDAPURL(), ldap.DialWithTLSConfig(config))
		if err != nil {
			return err
		}
		defer c.Close()
		_, err = c.Search(ldap.NewSearchRequest("o=nhs", ldap.ScopeBaseObject, ldap.NeverDerefAliases, 0, 0, false, "(o=nhs)", nil, nil))
		return err
	}
	if refused(config) == nil {
		t.Error("without a client certificate: got an answer, want a refusal")
	}
	other := run(t, Config{})
	config = trust(t, s)
	config.Certificates = trust(t, other).Certificates
	if refused(config) == nil {
		t.Error("with another sandbox's certificate: got an answer, want a refusal")
	}
	config = trust(t, s)
	config.MaxVersion = tls.VersionTLS11
	if refused(config) == nil {
		t.Error("TLS 1.1: got an answer, want a refusal")
	}
	config = trust(t, s)
	config.MaxVersion = tls.VersionTLS12
	if err := refused(config); err != nil {
		t.Errorf("TLS 1.2: got %v, want an answer", err)
	}
	if len(s.Requests()) != 1 {
		t.Errorf("history: got %d searches, want the accepted one", len(s.Requests()))
	}
}

func TestHistoryTellsSearches(t *testing.T) {
	s := run(t, Config{})
	find(t, dial(t, s), "(&(nhsIDCode=A\\2a)(|(objectClass=*)(!(o=x))))")
	want := `ou=services,o=nhs sub (&(nhsIDCode=A\2a)(|(objectClass=*)(!(o=x))))`
	if got := s.Requests()[0]; got.Line != want || got.Where != "ldap" || got.Seq != 1 {
		t.Errorf("got %d %s %s, want 1 ldap %s", got.Seq, got.Where, got.Line, want)
	}
}

// TestEntriesKeepTheSchema: each object has what its class must have, and nothing that it may
// not (SDS, object classes).
func TestEntriesKeepTheSchema(t *testing.T) {
	approved := strings.Fields("nhsProductKey nhsRequestorURP nhsDateRequested nhsApproverURP nhsDateApproved")
	must := map[string][]string{
		"nhsAs": append(strings.Fields("objectClass uniqueIdentifier nhsIDCode nhsMHSPartyKey nhsAsSvcIA"), approved[1:]...),
		"nhsMhs": append(strings.Fields(`objectClass uniqueIdentifier nhsIDCode nhsMHSPartyKey nhsMhsSvcIA nhsMHsSN nhsMHsIN nhsMHSEndPoint nhsMHSIsAuthenticated
			nhsMhsCPAId nhsDNSApprover nhsDateDNSApproved nhsEPInteractionType nhsContractPropertyTemplateKey nhsMhsFQDN`), approved...),
	}
	may := map[string][]string{"nhsAs": strings.Fields("nhsAsClient nhsProductKey nhsProductName nhsProductVersion nhsMhsManufacturerOrg")}
	single := strings.Fields("nhsIDCode nhsMHSPartyKey nhsMhsSvcIA nhsMHsSN nhsMHsIN nhsMhsCPAId nhsMhsFQDN nhsMhsManufacturerOrg")
	c := dial(t, run(t, Config{Plain: true}))
	for class, needed := range must {
		all := find(t, c, "(objectClass="+class+")")
		if len(all) < 10 {
			t.Errorf("got %d objects of class %s, want more", len(all), class)
		}
		for _, e := range all {
			for _, name := range needed {
				if len(e.GetAttributeValues(name)) == 0 {
					t.Errorf("%s has no %s", e.DN, name)
				}
			}
			for _, a := range e.Attributes {
				if !slices.Contains(needed, a.Name) && !slices.Contains(may[class], a.Name) {
					t.Errorf("%s has %s, which no %s may have", e.DN, a.Name, class)
				}
				if slices.Contains(single, a.Name) && len(a.Values) != 1 {
					t.Errorf("%s has %d values of %s, want one", e.DN, len(a.Values), a.Name)
				}
			}
		}
	}
}

// TestConsumersAreNoPractices: a consumer's own record names its certificate, and none of the
// interactions that a practice is looked up by.
func TestConsumersAreNoPractices(t *testing.T) {
	c := dial(t, run(t, Config{}))
	for _, who := range consumers() {
		mhs := find(t, c, "(&(nhsIDCode="+who.ods+")(objectClass=nhsMhs))")
		if len(mhs) != 1 || mhs[0].GetEqualFoldAttributeValue("nhsMhsFQDN") != consumerFQDN || mhs[0].GetEqualFoldAttributeValue("nhsMHSPartyKey") != who.partyKey {
			t.Fatalf("%s: got %d message handling records, want one with the certificate's name", who.ods, len(mhs))
		}
		if svc := mhs[0].GetEqualFoldAttributeValue("nhsMhsSvcIA"); strings.HasPrefix(svc, gpconnect) {
			t.Errorf("%s: got the interaction %s, want none of GP Connect", who.ods, svc)
		}
	}
	for _, code := range []string{"PRACTICE", "practice"} {
		got := searchBelow(t, c, "ou=organisations,o=nhs", "(nhsOrgTypeCode="+code+")")
		if (len(got) > 0) != (code == "PRACTICE") {
			t.Errorf("organisations of type %s: got %d; the rule is case exact", code, len(got))
		}
	}
}

func searchBelow(t *testing.T, c *ldap.Conn, base, filter string) []*ldap.Entry {
	t.Helper()
	r, err := c.Search(ldap.NewSearchRequest(base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false, filter, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	return r.Entries
}
