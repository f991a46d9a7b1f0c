package client

import (
	"slices"
	"strings"
)

// Entry is what is known about one code: who says it, what it means, what most
// likely caused it, what to do, and whether a read may be tried again.
type Entry struct {
	Code    Code
	Status  int // the usual HTTP status; 0 where none is published
	Layer   Layer
	Meaning string
	Cause   string
	Do      string
	Retry   bool // trying again later can help; for a write it says nothing about safety

	class error // nil of what is no error
}

// entries is the catalogue: GP Connect's error pages for what practices say,
// the proxy's outcomes, Spine's own vocabulary, and statuses without a body.
var entries = [...]Entry{
	// Practices.
	{InvalidNHSNumber, 400, LayerProvider, "the NHS number is not one, or has been replaced", "a mistyped number, or one that PDS has superseded", "check the number, trace the patient and use the number that PDS gives", false, ErrRefused},
	{"INVALID_PATIENT_DEMOGRAPHICS", 400, LayerProvider, "the practice could not match the patient with PDS", "the patient is not on PDS, deceased, sensitive or not verified", "trace the patient again and tell the user", false, ErrRefused},
	{"INVALID_IDENTIFIER_SYSTEM", 400, LayerProvider, "an identifier's system is not one the practice knows", "a wrong system URI in the request", "correct the request", false, ErrRefused},
	{"INVALID_IDENTIFIER_VALUE", 400, LayerProvider, "an identifier's value is malformed", "a mistyped identifier", "correct the request", false, ErrRefused},
	{BadRequest, 400, LayerProvider, "the request, its headers or its token are not as they must be", "a clock that is wrong, a token's claim, a header, or an interaction that does not fit the path", "look at the diagnostics (-v), check this machine's clock against NTP", false, ErrRefused},
	{"CONFLICTING_VALUES", 400, LayerProvider, "two values of the request contradict each other", "a scope that does not fit the parameters", "correct the request", false, ErrRefused},
	{"INVALID_ODS_CODE", 400, LayerProvider, "the ODS code is not one", "a mistyped ODS code (0.7 only)", "check the ODS code", false, ErrRefused},
	{NoPatientConsent, 403, LayerProvider, "the patient has dissented from sharing", "the patient's choice", "tell the user, and do not try again", false, ErrRefused},
	{NoOrganisationConsent, 403, LayerProvider, "the practice does not share", "the practice's choice", "ask the practice", false, ErrRefused},
	{AccessDenied, 403, LayerProvider, "GP Connect or this capability is switched off at the practice", "the practice's configuration", "ask the practice", false, ErrNotEnabled},
	{NoRelationship, 403, LayerProvider, "the practice sees no legitimate relationship between you and the patient", "the asking organisation is not the patient's registered practice", "compare the practice with a fresh PDS trace", false, ErrRefused},
	{"NOT_AUTHORISED", 403, LayerProvider, "the asking organisation may not have this", "it is not the patient's registered practice, or the scope is not enough", "trace the patient again", false, ErrRefused},
	{"NON_AUTHORITATIVE", 403, LayerProvider, "the practice is not the patient's registered one", "the patient has moved (0.7 only)", "trace the patient again", false, ErrRefused},
	{PatientNotFound, 404, LayerProvider, "the practice has no such patient to give", "unknown, inactive, deceased, sensitive, not registered there for general medical services, or not verified: by design it does not say which", "trace the patient again and compare the practice", false, ErrNotFound},
	{OrganisationNotFound, 404, LayerProvider, "the practice has no such organisation", "a logical id of another practice", "find it again", false, ErrNotFound},
	{PractitionerNotFound, 404, LayerProvider, "the practice has no such practitioner", "a logical id of another practice", "find it again", false, ErrNotFound},
	{NoRecordFound, 404, LayerProvider, "there is no such record", "a wrong logical id; of a document, that it is over 5 MB", "find it again", false, ErrNotFound},
	{DuplicateRejected, 409, LayerProvider, "there is one already", "booking: the slot is no longer free; registering: the patient is registered", "read what is there", false, ErrDuplicate},
	{FHIRConstraintViolation, 409, LayerProvider, "the resource is not as you last saw it", "somebody changed it in the meantime", "read it again, then apply the change anew", false, ErrVersionConflict},
	{"UNSUPPORTED_MEDIA_TYPE", 415, LayerProvider, "the media type is not supported", "a Content-Type or Accept that the practice does not know", "report it; gpc sends what the specification fixes", false, ErrRefused},
	{InvalidResource, 422, LayerProvider, "the body is not as it must be", "see the diagnostics (-v), which name the element", "correct the request", false, ErrRefused},
	{InvalidParameter, 422, LayerProvider, "a parameter is not as it must be", "see the diagnostics (-v), which name the parameter; an old system may not know it", "correct the request, or ask for less", false, ErrRefused},
	{"REFERENCE_NOT_FOUND", 422, LayerProvider, "something the request points to is not there", "a logical id of another practice, or one that is gone", "find it again", false, ErrRefused},
	{InternalServerError, 500, LayerProvider, "the practice's system failed", "a fault there; for a record often one entry that it cannot build", "ask for fewer areas; report the trace id to the practice's supplier", false, ErrNoAnswer},
	{NotImplemented, 501, LayerProvider, "the practice's system does not have this", "an old version", "read its metadata with `gpc metadata`", false, ErrNoAnswer},
	// The proxy.
	{SenderCheckFailed, 403, LayerProxy, "the proxy does not accept the sender's ASID", "Ssp-From is unknown in this environment or not accredited, or the certificate is not the one registered for it", "check the originator's asid, the certificate and the environment", false, ErrSenderNotAccredited},
	{ReceiverCheckFailed, 403, LayerProxy, "the practice's system is not registered for this interaction", "an old address, or an interaction it does not have", "look it up again with `gpc lookup`", false, ErrReceiverNotAccredited},
	{SharingCheckFailed, 403, LayerProxy, "there is no sharing agreement between the two systems", "the agreement is not set up, per pair of ASIDs", "this is governance, not configuration: have the agreement made", false, ErrNoSharingAgreement},
	{EndpointVaries, 400, LayerProxy, "the address is not the one the directory has for the receiver", "the directory has changed since the lookup, or the address was altered on the way", "look the practice up again", false, ErrEndpointVaries},
	{ProviderCommunicationError, 502, LayerProxy, "the proxy could not reach the practice's system", "it is down, or the way to it is", "try again in a minute; then the practice's supplier", true, ErrProviderUnreachable},
	// Spine's own vocabulary.
	{"ACCESS_DENIED_SSL", 403, LayerProxy, "the TLS connection does not meet the requirements", "protocol or cipher", "check what stands between gpc and the proxy", false, ErrCertificate},
	{"AUTHOR_CREDENTIALS_ERROR", 401, LayerProxy, "the user's identity is not accepted", "the token's practitioner", "check the user of the profile", false, ErrRefused},
	{"REQUEST_UNMATCHED", 400, LayerProxy, "the request does not fit its token", "a token of another request", "report it", false, ErrRefused},
	{"MISSING_OR_INVALID_HEADER", 400, LayerProxy, "a header is missing or malformed", "something between gpc and the proxy takes headers away", "compare with --dry-run", false, ErrRefused},
	{"MESSAGE_NOT_WELL_FORMED", 400, LayerProxy, "the body cannot be parsed", "something on the way changed it", "compare with --dry-run", false, ErrRefused},
	{"INVALID_REQUEST_MESSAGE", 400, LayerProxy, "the request is not valid", "see the diagnostics (-v)", "correct the request", false, ErrRefused},
	{"INVALID_CODE_SYSTEM", 400, LayerProvider, "a code's system is not one the practice knows", "see the diagnostics (-v)", "correct the request", false, ErrRefused},
	{"INVALID_CODE_VALUE", 400, LayerProvider, "a code is not one of its system's", "see the diagnostics (-v)", "correct the request", false, ErrRefused},
	{"INVALID_ELEMENT", 400, LayerProvider, "an element is not as it must be", "see the diagnostics (-v)", "correct the request", false, ErrRefused},
	{"INVALID_VALUE", 400, LayerProvider, "a value does not fit its type", "see the diagnostics (-v)", "correct the request", false, ErrRefused},
	{"MSG_RESOURCE_ID_FAIL", 405, LayerProvider, "a client may not choose the id", "an id in a new resource", "take the id out", false, ErrRefused},
	{"PATIENT_SENSITIVE", 0, LayerProvider, "the patient's record is restricted", "the S-flag", "do not ask; tell the user that the record is restricted", false, ErrRefused},
	{"FLAG_ALREADY_SET", 0, LayerProxy, "the flag is set already", "another Spine service's code; GP Connect has no use for it", "report it", false, ErrRefused},
	{"INVALID_REQUEST_STATE", 0, LayerProxy, "the request does not fit the state of things", "another Spine service's code; GP Connect has no use for it", "report it", false, ErrRefused},
	{"INVALID_REQUEST_TYPE", 0, LayerProxy, "there is no such kind of request", "another Spine service's code; GP Connect has no use for it", "report it", false, ErrRefused},
	{"RESOURCE_CREATED", 201, LayerProvider, "it was created", "this is no error", "nothing", false, nil},
	{"RESOURCE_UPDATED", 0, LayerProvider, "it was updated", "this is no error", "nothing", false, nil},
	{"RESOURCE_DELETED", 200, LayerProvider, "it was removed", "this is no error", "nothing", false, nil},
	// Statuses that come without an outcome.
	{"HTTP_401", 401, LayerProxy, "the token is not accepted", "a claim of the audit token", "compare with --dry-run", false, ErrRefused},
	{"HTTP_405", 405, LayerProxy, "the method is not allowed", "an interaction that does not fit its method", "report it", false, ErrRefused},
	{"HTTP_408", 408, LayerProxy, "the request did not arrive in time", "a slow line from here to the proxy", "try again", true, ErrNoAnswer},
	{"HTTP_412", 412, LayerProvider, "the resource is not as you last saw it", "somebody changed it in the meantime", "read it again, then apply the change anew", false, ErrVersionConflict},
	{"HTTP_429", 429, LayerProxy, "too many requests", "a limit of the proxy or the practice", "slow down; Retry-After says how long", true, ErrThrottled},
	{"HTTP_444", 444, LayerProxy, "the proxy closed without an answer", "the proxy's own rules", "try again; then the Spine's service desk", false, ErrNoAnswer},
	{"HTTP_495", 495, LayerProxy, "the client certificate is not valid", "expired, revoked, or of another environment's authority", "check the profile's cert", false, ErrClientCertificate},
	{"HTTP_496", 496, LayerProxy, "no client certificate came", "the chain lacks the sub CA, or something on the way ends TLS", "put the sub CA behind the certificate in the same file", false, ErrClientCertificate},
	{"HTTP_497", 497, LayerProxy, "plain HTTP was sent to a TLS port", "the proxy's address", "use https:// in the profile's proxy", false, ErrRefused},
	{"HTTP_499", 499, LayerProxy, "the proxy says that we closed first", "a timeout shorter than the practice needs", "allow more time with --timeout", false, ErrNoAnswer},
	{"HTTP_502", 502, LayerProxy, "the proxy got no usable answer", "the practice's system is down, or the way to it is", "try again in a minute", true, ErrProviderUnreachable},
	{"HTTP_503", 503, LayerProxy, "unavailable for now", "maintenance or overload", "try again later; Retry-After says when", true, ErrNoAnswer},
	{"HTTP_504", 504, LayerProxy, "the practice did not answer the proxy in time", "a slow system, or a large record", "ask for fewer areas, or try again", true, ErrProviderUnreachable},
	{"HTTP_599", 599, LayerProxy, "a network timeout behind the proxy", "the way to the practice", "try again", true, ErrProviderUnreachable},
}

// Catalogue returns every entry: practices' codes, the proxy's, Spine's,
// statuses.
func Catalogue() []Entry { return slices.Clone(entries[:]) }

// Explain gives the entry of a code in any spelling, or of a status ("403" has
// none of its own, "495" has).
func Explain(code string) (Entry, bool) {
	c := normalise(code)
	for _, known := range proxyWords {
		if strings.HasPrefix(string(c), known.begins) {
			c = known.code // a whole message of the proxy, as it stands in a log
		}
	}
	if strings.HasPrefix(string(c), "ENDPOINT_") && strings.Contains(string(c), "_VARIES_FROM_TARGETURL") {
		c = EndpointVaries
	}
	at := func(c Code) int {
		return slices.IndexFunc(entries[:], func(e Entry) bool { return e.Code == c || string(e.Code) == "HTTP_"+string(c) })
	}
	i := at(c)
	if i < 0 {
		i = at(normalise(strings.ReplaceAll(code, "-", "_")))
	}
	if i < 0 {
		return Entry{}, false
	}
	return entries[i], true
}
