package sandbox

import (
	"net/http"
	"strings"
)

// pdsService is the Personal Demographics Service, FHIR API (R4), application-restricted:
// reading a patient by NHS number, and searching for the one patient that fits.
func pdsService() service {
	return service{
		place: "pds", root: pdsRoot,
		answer: func(c *apiCall) answer { return c.answerPDS() },
		refuse: func(code string) answer { return pdsRefusal(code, "injected") },
		failed: pdsFailure,
		dress:  func(c *apiCall, h http.Header) { c.dressPDS(h) },
	}
}

// dressPDS echoes the two ids of the request.
func (c *apiCall) dressPDS(h http.Header) {
	h.Set("Cache-Control", "no-store")
	for _, name := range []string{"X-Request-ID", "X-Correlation-ID"} {
		if value := c.header.Get(name); value != "" {
			h.Set(name, value)
		}
	}
}

// answerPDS judges credentials and headers, in this order, and finds the operation.
func (c *apiCall) answerPDS() answer {
	if wrong := c.judgeAccess(); wrong != "" {
		return pdsRefusal("ACCESS_DENIED", wrong)
	}
	if wrong := c.judgePDSHeaders(); wrong != nil {
		return *wrong
	}
	what, id, deeper := strings.Cut(strings.TrimPrefix(c.path, "/"), "/")
	switch {
	case c.method != http.MethodGet:
		return pdsRefusal("INVALID_METHOD", "the method is not GET")
	case what != "Patient" || deeper && (id == "" || strings.Contains(id, "/")):
		return pdsRefusal("UNSUPPORTED_SERVICE", "the path is not served here")
	case deeper:
		return c.readPDSPatient(id)
	}
	return c.searchPDS()
}

// judgeAccess wants a token that was given out here and has not lapsed, or where the
// configuration allows it the application's key.
func (c *apiCall) judgeAccess() string {
	if c.server.cfg.PDSByKey && c.header.Get("apikey") == apiKey {
		return ""
	}
	token, ok := strings.CutPrefix(c.header.Get("Authorization"), "Bearer ")
	if !ok || token == "" {
		return "Missing access token"
	}
	switch known, good := c.server.tokens.state(token, c.server.cfg.Now()); {
	case !known:
		return "Invalid Access Token"
	case !good:
		return "Access Token expired"
	}
	return ""
}

// judgePDSHeaders wants X-Request-ID, and all headers that are there to be well-formed. An
// application may leave out whom it asks for; that it must not where it serves several
// organisations, as the client of this sandbox does, nobody here can tell.
func (c *apiCall) judgePDSHeaders() *answer {
	refused := func(code, diagnostics, rule string) *answer {
		a := pdsRefusal(code, diagnostics)
		a.rule = code + ": " + rule
		return &a
	}
	id := c.header.Get("X-Request-ID")
	switch ods := c.header.Get("NHSD-End-User-Organisation-ODS"); {
	case id == "":
		return refused("MISSING_VALUE", "Invalid request with error - X-Request-ID header must be supplied to access this resource", "X-Request-ID is missing")
	case !isUUID(id):
		return refused("INVALID_VALUE", "Invalid value - '"+id+"' in header 'X-Request-ID'", "X-Request-ID is not a UUID")
	case ods != "" && !isODS(ods):
		return refused("INVALID_VALUE", "Invalid value - '"+ods+"' in header 'NHSD-End-User-Organisation-ODS'", "NHSD-End-User-Organisation-ODS is not an ODS code")
	}
	return nil
}

// isODS takes what an ODS code may look like: letters in upper case, and digits.
func isODS(s string) bool {
	return len(s) >= 3 && len(s) <= 12 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// readPDSPatient answers a read. The number of a record that was merged into another is
// answered with the other, whose id differs from the one asked for.
func (c *apiCall) readPDSPatient(id string) answer {
	if !validNHSNumber(id) {
		a := pdsRefusal("INVALID_RESOURCE_ID", "Invalid value - '"+id+"' in field 'id'")
		a.rule = "INVALID_RESOURCE_ID: the id is not an NHS number"
		return a
	}
	reg, err := c.server.register()
	if err != nil {
		return pdsRefusal("UNKNOWN_ERROR", "the people cannot be read").blameless()
	}
	d := reg.find(id)
	if d != nil && d.SupersededBy != "" {
		d = reg.find(d.SupersededBy)
	}
	switch {
	case d == nil:
		return pdsRefusal("RESOURCE_NOT_FOUND", "").blameless()
	case d.State == "invalidated":
		return pdsRefusal("INVALIDATED_RESOURCE", "").blameless()
	}
	patient := d.patient(wholePatient)
	if c.fault == "wrong-patient" { // the id that was asked for, and another person altogether
		patient = reg.another(d).patient(wholePatient)
		patient["id"] = d.NHS
	}
	c.estrange(patient)
	c.shuffleNames(patient)
	a := r4Answer(http.StatusOK, patient, "")
	a.header.Set("ETag", `W/"`+d.version()+`"`)
	return a
}

// shuffleNames puts the names in another order, for clients that take the first.
func (c *apiCall) shuffleNames(patient map[string]any) {
	names, _ := patient["name"].([]any)
	if len(names) > 1 && c.differ("shuffle") {
		c.dice.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	}
}
