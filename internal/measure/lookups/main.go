// Command lookups asks a real directory for many practices, with sdslookup and
// with bare go-ldap on one connection, by turns in one run, and prints lookups
// a second of each. Every practice is accounted for.
//
//	go run ./internal/measure/lookups -server ldaps://127.0.0.1:10636 -pki DIR -ods codes.txt
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-ldap/ldap/v3"

	"github.com/gpconnect-go/gpc/mtls"
	"github.com/gpconnect-go/gpc/sdslookup"
)

const interaction = "urn:nhs:names:services:gpconnect:fhir:operation:gpc.getstructuredrecord-1"

func main() {
	server := flag.String("server", "", "ldaps URL of the directory")
	pki := flag.String("pki", "", "folder with ca.pem, client.pem, client.key")
	list := flag.String("ods", "", "file with one ODS code a line")
	callers := flag.Int("callers", 32, "lookups under way at once")
	rounds := flag.Int("rounds", 3, "times that each is run")
	flag.Parse()
	if err := measure(*server, *pki, *list, *callers, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "lookups:", err)
		os.Exit(1)
	}
}

func measure(server, pki, list string, callers, rounds int) error {
	config, err := credentials(pki)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	codes := strings.Fields(string(data))
	directory, err := sdslookup.NewLDAP(sdslookup.LDAPConfig{Servers: []string{server}, TLS: config})
	if err != nil {
		return err
	}
	defer directory.Close()
	conn, err := ldap.DialURL(server, ldap.DialWithTLSConfig(config))
	if err != nil {
		return err
	}
	defer conn.Close()
	for range rounds {
		var tally counts
		ours := timed(codes, callers, func(ods string) {
			_, err := directory.Endpoint(context.Background(), ods, interaction)
			tally.add(err)
		})
		raw := timed(codes, callers, func(ods string) { bare(conn, ods) })
		fmt.Printf("%d practices: %s; sdslookup %.0f lookups/s, bare go-ldap %.0f, ratio %.2f\n",
			len(codes), tally.String(), rate(codes, ours), rate(codes, raw), raw.Seconds()/ours.Seconds())
		if got := tally.sum(); got != len(codes) {
			return fmt.Errorf("%d of %d practices are accounted for", got, len(codes))
		}
	}
	return nil
}

func credentials(pki string) (*tls.Config, error) {
	var m mtls.Material
	for name, into := range map[string]*[]byte{"client.pem": &m.Chain, "client.key": &m.Key, "ca.pem": &m.Roots} {
		data, err := os.ReadFile(filepath.Join(pki, name))
		if err != nil {
			return nil, err
		}
		*into = data
	}
	return m.Config(time.Now())
}

func timed(codes []string, callers int, f func(string)) time.Duration {
	began := time.Now()
	questions := make(chan string)
	var workers sync.WaitGroup
	for range callers {
		workers.Go(func() {
			for ods := range questions {
				f(ods)
			}
		})
	}
	for _, ods := range codes {
		questions <- ods
	}
	close(questions)
	workers.Wait()
	return time.Since(began)
}

func rate(codes []string, d time.Duration) float64 { return float64(len(codes)) / d.Seconds() }

// bare makes the two searches and looks at nothing.
func bare(conn *ldap.Conn, ods string) {
	search := func(filter string, attributes ...string) *ldap.SearchResult {
		r, err := conn.Search(ldap.NewSearchRequest("ou=services,o=nhs", ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 50, 0, false, filter, attributes, nil))
		if err != nil || len(r.Entries) == 0 {
			return nil
		}
		return r
	}
	r := search(fmt.Sprintf("(&(nhsIDCode=%s)(objectClass=nhsMhs)(nhsMhsSvcIA=%s))", ods, interaction), "nhsMhsEndPoint", "nhsMhsPartyKey")
	if r != nil {
		search(fmt.Sprintf("(&(nhsIDCode=%s)(objectClass=nhsAs)(nhsMHSPartyKey=%s))", ods, r.Entries[0].GetEqualFoldAttributeValue("nhsMhsPartyKey")), "uniqueIdentifier")
	}
}

// counts is what became of the lookups.
type counts struct{ found, missing, ambiguous, refused, unanswered, other atomic.Int32 }

func (c *counts) add(err error) {
	switch {
	case err == nil:
		c.found.Add(1)
	case errors.Is(err, sdslookup.ErrNotFound):
		c.missing.Add(1)
	case errors.Is(err, sdslookup.ErrAmbiguous):
		c.ambiguous.Add(1)
	case errors.Is(err, sdslookup.ErrAddressRefused):
		c.refused.Add(1)
	case errors.Is(err, sdslookup.ErrUnavailable):
		c.unanswered.Add(1)
	default:
		c.other.Add(1)
	}
}

func (c *counts) sum() int {
	return int(c.found.Load() + c.missing.Load() + c.ambiguous.Load() + c.refused.Load() + c.unanswered.Load() + c.other.Load())
}

func (c *counts) String() string {
	return fmt.Sprintf("%d found, %d not there, %d ambiguous, %d refused, %d unanswered, %d other",
		c.found.Load(), c.missing.Load(), c.ambiguous.Load(), c.refused.Load(), c.unanswered.Load(), c.other.Load())
}
