package sandbox

import "net/http"

// A pdsCode is how one of PDS's errors is sent.
type pdsCode struct {
	status  int
	issue   string // issue.code
	code    string
	display string
}

// pdsCodes are PDS's errors, with its words.
func pdsCodes() []pdsCode {
	return []pdsCode{
		{400, "value", "INVALID_RESOURCE_ID", "Resource Id is invalid"},
		{400, "not-supported", "UNSUPPORTED_SERVICE", "Unsupported Service"},
		{400, "required", "MISSING_VALUE", "Required value is missing"},
		{400, "value", "INVALID_VALUE", "Provided value is invalid"},
		{400, "value", "INVALID_SEARCH_DATA", "Search data is invalid"},
		{400, "value", "ADDITIONAL_PROPERTIES", "Additional properties are not allowed"},
		{401, "forbidden", "ACCESS_DENIED", "Access Denied - Unauthorised"},
		{403, "forbidden", "INVALID_METHOD", "Cannot update resource with Application-Restricted access token"},
		{404, "not-found", "RESOURCE_NOT_FOUND", "Resource not found"},
		{404, "not-found", "INVALIDATED_RESOURCE", "Resource that has been marked as invalid was requested - invalid resources cannot be retrieved"},
		{408, "timeout", "UNABLE_TO_CALL_SERVICE", "Unable to call service"},
		{429, "throttled", "TOO_MANY_REQUESTS", "There have been too many requests, please try again later"},
		{503, "transient", "SERVICE_UNAVAILABLE", "Service unavailable"},
		{500, "exception", "UNKNOWN_ERROR", "An unknown error occurred processing the request"},
	}
}

// pdsRefusal is one of PDS's errors; an unlisted code is sent as it is, with 400.
func pdsRefusal(code, diagnostics string) answer {
	c := pdsCode{http.StatusBadRequest, "invalid", code, code}
	for _, known := range pdsCodes() {
		if known.code == code {
			c = known
		}
	}
	return c.answer(diagnostics)
}

// pdsFailure is the error that goes with a status.
func pdsFailure(status int) answer {
	for _, known := range pdsCodes() {
		if known.status == status {
			return known.answer("")
		}
	}
	return pdsCode{status, "exception", "UNKNOWN_ERROR", "An unknown error occurred processing the request"}.answer("")
}

// answer writes it. Who is sent away for a while is told for how long.
func (c pdsCode) answer(diagnostics string) answer {
	rule := c.code
	if diagnostics != "" {
		rule += ": " + diagnostics
	}
	a := r4Answer(c.status, platformOutcome("error", c.issue, c.code, c.display, diagnostics), rule)
	if c.status == http.StatusTooManyRequests || c.status == http.StatusServiceUnavailable {
		a.header.Set("Retry-After", "5")
	}
	return a
}

// tooManyMatches is a 200, and no Bundle.
func tooManyMatches() answer {
	return r4Answer(http.StatusOK, platformOutcome("information", "multiple-matches", "TOO_MANY_MATCHES", "Too Many Matches", ""), "")
}
