package sandbox

import (
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// The identifier systems of the SDS FHIR API.
const (
	odsSystem         = "https://fhir.nhs.uk/Id/ods-organization-code"
	interactionSystem = "https://fhir.nhs.uk/Id/nhsServiceInteractionId"
	partyKeySystem    = "https://fhir.nhs.uk/Id/nhsMhsPartyKey"
)

// sdsService is the Spine Directory Service's FHIR API (R4): the directory's own entries,
// asked for by organisation, interaction and party key.
func sdsService() service {
	return service{
		place: "sds", root: sdsRoot,
		answer: func(c *apiCall) answer { return c.answerSDS() },
		refuse: func(code string) answer { return sdsRefusal(http.StatusBadRequest, "invalid", code, "injected") },
		failed: sdsFailure,
		dress:  func(c *apiCall, h http.Header) { c.dressSDS(h) },
	}
}

// dressSDS echoes the ids of the request; a correlation id that is missing is made up.
func (c *apiCall) dressSDS(h http.Header) {
	id := c.header.Get("X-Correlation-Id")
	if id == "" {
		id = newUUID()
	}
	h.Set("X-Correlation-Id", id)
	if id := c.header.Get("X-Request-ID"); id != "" {
		h.Set("X-Request-ID", id)
	}
}

// answerSDS judges what the gateway judges, then what the service does.
func (c *apiCall) answerSDS() answer {
	if c.header.Get("apikey") != apiKey {
		return gatewayRefusal(http.StatusUnauthorized, "forbidden", "ACCESS_DENIED", "Access denied: unauthorised", "the header apikey is not there, or is not the application's key")
	}
	if c.method != http.MethodGet {
		a := sdsRefusal(http.StatusMethodNotAllowed, "not-supported", "NOT_IMPLEMENTED", "HTTP operation not supported")
		a.header.Set("Allow", http.MethodGet)
		return a
	}
	if id := c.header.Get("X-Correlation-Id"); id != "" && !isUUID(id) {
		return sdsBadRequest("Invalid X-Correlation-Id header. Should be a UUID")
	}
	if !acceptsJSON(c.header) {
		return sdsRefusal(http.StatusNotAcceptable, "not-supported", "MISSING_OR_INVALID_HEADER", "HTTP 406: Not Acceptable (Accept should be application/fhir+json)")
	}
	switch c.path {
	case "/Endpoint":
		return c.searchSDS("nhsMhs")
	case "/Device":
		return c.searchSDS("nhsAs")
	}
	return sdsRefusal(http.StatusNotFound, "not-found", "NO_RECORD_FOUND", "HTTP 404: Not Found")
}

// sdsQuery is what is asked of a record; "" is anything.
type sdsQuery struct{ organisation, interaction, partyKey, manufacturer string }

// searchSDS finds the entries of a class and writes them as resources, one for each address.
func (c *apiCall) searchSDS(class string) answer {
	q, wrong := readSDSQuery(class, c.query)
	if wrong != "" {
		return sdsBadRequest(wrong)
	}
	entries := []any{}
	for _, e := range c.server.directory.entries {
		if !slices.Contains(e.values["objectclass"], class) || !q.fits(e) {
			continue
		}
		for _, resource := range sdsResources(class, e, c.server.moves.address) {
			c.estrange(resource)
			entries = append(entries, map[string]any{
				"fullUrl":  fmt.Sprintf("%s/%s/%s", c.server.SDSURL(), resource["resourceType"], resource["id"]),
				"resource": resource, "search": map[string]any{"mode": "match"},
			})
		}
		if c.fault == "move" {
			for _, address := range e.values["nhsmhsendpoint"] {
				c.server.moves.move(address)
			}
		}
	}
	if c.differ("shuffle") {
		c.dice.Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
	}
	self := c.server.SDSURL() + c.path + "?" + c.query.Encode()
	a := r4Answer(http.StatusOK, map[string]any{
		"resourceType": "Bundle", "id": newUUID(), "type": "searchset", "total": len(entries), "entry": entries,
		"meta": map[string]any{"lastUpdated": c.server.cfg.Now().UTC().Format(time.RFC3339)},
		"link": []any{map[string]any{"relation": "self", "url": self}},
	}, "")
	a.header.Set("Etag", `W/"`+newUUID()+`"`)
	return a
}

// readSDSQuery reads the parameters. Of repeated ones of the same system the last counts.
func readSDSQuery(class string, query url.Values) (q sdsQuery, wrong string) {
	allowed := []string{"organization", "identifier"}
	if class == "nhsAs" {
		allowed = append(allowed, "manufacturing-organization")
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if !slices.Contains(allowed, name) {
			return q, "Illegal query parameter '" + name + "'"
		}
	}
	for name, into := range map[string]*string{"organization": &q.organisation, "manufacturing-organization": &q.manufacturer} {
		for _, value := range query[name] {
			if *into = systemValue(value, odsSystem); *into == "" {
				wrong = missingSDS(name, odsSystem)
			}
		}
	}
	if wrong != "" {
		return q, wrong
	}
	for _, value := range query["identifier"] {
		switch interaction, key := systemValue(value, interactionSystem), systemValue(value, partyKeySystem); {
		case interaction != "":
			q.interaction = interaction
		case key != "":
			q.partyKey = key
		default:
			return q, missingSDS("identifier", interactionSystem)
		}
	}
	return q, q.judge(class)
}

// judge wants one of the accepted combinations.
func (q sdsQuery) judge(class string) string {
	switch {
	case class == "nhsAs" && q.organisation == "":
		return missingSDS("organization", odsSystem)
	case class == "nhsAs" && q.interaction == "":
		return missingSDS("identifier", interactionSystem)
	case q.organisation == "" && (q.interaction == "" || q.partyKey == ""):
		return missingSDS("organization", odsSystem)
	case q.interaction == "" && q.partyKey == "":
		return missingSDS("identifier", interactionSystem)
	}
	return ""
}

func missingSDS(name, system string) string {
	return fmt.Sprintf("Missing or invalid '%s' query parameter. Should be '%s=%s|value'", name, name, system)
}

// systemValue is what follows a system and a bar, "" if the token is not of that system.
func systemValue(token, system string) string {
	value, ok := strings.CutPrefix(token, system+"|")
	if !ok {
		return ""
	}
	return strings.TrimSpace(value)
}

// fits compares by the directory's matching rules, which the service asks in turn. It puts
// values into its filter as they come: a lone * is there for "present".
func (q sdsQuery) fits(e *entry) bool {
	exact := func(asked string, values []string) bool {
		return asked == "" || asked == "*" && len(values) > 0 || slices.Contains(values, asked)
	}
	folded := func(asked string, values []string) bool {
		return exact(asked, values) || slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(v, asked) })
	}
	interactions := append(slices.Clone(e.values["nhsmhssvcia"]), e.values["nhsassvcia"]...)
	return exact(q.organisation, e.values["nhsidcode"]) && exact(q.interaction, interactions) &&
		folded(q.partyKey, e.values["nhsmhspartykey"]) && folded(q.manufacturer, e.values["nhsmhsmanufacturerorg"])
}

// acceptsJSON says whether Accept has room for what the service writes.
func acceptsJSON(h http.Header) bool {
	accept := strings.Join(h.Values("Accept"), ",")
	if strings.TrimSpace(accept) == "" {
		return true
	}
	for part := range strings.SplitSeq(accept, ",") {
		switch kind, _, _ := mime.ParseMediaType(part); kind {
		case "application/fhir+json", "application/json", "*/*", "application/*":
			return true
		}
	}
	return false
}
