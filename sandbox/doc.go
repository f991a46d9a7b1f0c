// Package sandbox is a Spine of your own: a directory, the secure proxy and GP practices
// behind it, on loopback, ready when [Start] returns.
//
// A call goes the way it goes in earnest. The consumer asks the directory over LDAPS with
// its client certificate (ldap.go, ldapsearch.go, filter.go): first the message handling record
// of the practice for an interaction, then the accredited system record with the same party
// key. It sends its request to the proxy (proxy.go) with the practice's address in the path.
// The proxy judges the four Ssp headers, sender, receiver, sharing agreement and address
// against the directory's own entries (registry.go), and hands the request to the practice
// (practice.go) in process: a practice's address is a name under .sandbox.example and is
// never dialled. The practice judges headers, audit token (token.go, parties.go) and media types, finds
// the row of the interaction table (interactions.go) and lets its handler answer.
//
// Before that it may ask who the patient is and where they are registered: the API listener
// (api.go) has PDS (pds.go, pdssearch.go) with the endpoint that gives tokens for signed
// assertions (pdstoken.go, pdsassertion.go), and the directory once more as the SDS FHIR API
// (sdsfhir.go). It also answers the control endpoints (control.go) and a page that shows all
// of this to people (status.go). What a consumer needs to know and to hold, in whatever
// language it is written, is handed out as files (files.go, handout.go).
//
// It is a judge, so it shares no code and no constant with the client it judges, and it is
// unkind on purpose: what the specification leaves open it does differently each time
// (differences.go), from one seed. Faults can be injected at every place (faults.go), and
// everything that arrived is kept with the rule it broke (history.go).
//
// All people and organisations in it are invented.
package sandbox
