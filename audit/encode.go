package audit

import (
	"encoding/json"
	"strconv"
	"time"
)

// encode appends what json.Marshal makes of an entry, in a fraction of its time:
// every call waits for it. TestEncode holds the two against each other.
func (e *Entry) encode(buf []byte) []byte {
	o := object{buf: buf}
	o.open("")
	o.uint("seq", e.Seq)
	o.text("prev", e.Prev)
	o.name("kind")
	o.string(string(e.Kind))
	o.text("trace", e.Trace)
	o.name("time")
	o.buf = append(e.Time.AppendFormat(append(o.buf, '"'), time.RFC3339Nano), '"')
	o.text("op", e.Op)
	o.text("interaction", e.Interaction)
	o.text("practice", e.Practice)
	o.text("from", e.From)
	o.text("to", e.To)
	o.text("patient", e.Patient)
	e.encodeWho(&o)
	o.text("reason", e.Reason)
	o.text("scope", e.Scope)
	o.list("remarks", e.Remarks)
	o.uint("attempt", uint64(e.Attempt))
	e.encodeOutcome(&o)
	o.text("hash", e.Hash)
	o.shut()
	return o.buf
}

func (e *Entry) encodeWho(o *object) {
	if e.Organisation != (Organisation{}) {
		o.open("organisation")
		o.text("ods", e.Organisation.ODS)
		o.text("name", e.Organisation.Name)
		o.shut()
	}
	if e.User != (User{}) {
		o.open("user")
		o.text("id", e.User.ID)
		o.text("name", e.User.Name)
		o.text("sds_user_id", e.User.SDSUserID)
		o.text("sds_role_profile_id", e.User.SDSRoleProfileID)
		o.text("local_system", e.User.LocalSystem)
		o.text("local_id", e.User.LocalID)
		o.shut()
	}
	if e.Device != (Device{}) {
		o.open("device")
		o.text("system", e.Device.System)
		o.text("id", e.Device.ID)
		o.text("model", e.Device.Model)
		o.text("version", e.Device.Version)
		o.shut()
	}
	if e.Token != (Token{}) {
		o.open("token")
		o.text("iss", e.Token.Issuer)
		o.text("aud", e.Token.Audience)
		o.uint("iat", uint64(e.Token.Issued))
		o.uint("exp", uint64(e.Token.Expires))
		o.shut()
	}
}

func (e *Entry) encodeOutcome(o *object) {
	o.text("result", e.Result)
	o.uint("status", uint64(e.Status))
	o.uint("bytes", uint64(e.Bytes))
	o.text("layer", e.Layer)
	o.list("codes", e.Codes)
	if e.Duration != 0 {
		o.name("duration_ms")
		o.buf = strconv.AppendFloat(o.buf, e.Duration, 'f', -1, 64)
	}
	o.text("format", e.Format)
	o.uint("torn_bytes", uint64(e.TornBytes))
	o.text("torn_sha256", e.TornSHA256)
	o.uint("unbegun", uint64(e.Unbegun))
	o.uint("unended", uint64(e.Unended))
}

// object is JSON in the making. Members that are zero are left out.
type object struct{ buf []byte }

// name begins a member.
func (o *object) name(name string) {
	if o.buf[len(o.buf)-1] != '{' {
		o.buf = append(o.buf, ',')
	}
	o.buf = append(append(append(o.buf, '"'), name...), `":`...)
}

// open begins an object; "" is no member's.
func (o *object) open(name string) {
	if name != "" {
		o.name(name)
	}
	o.buf = append(o.buf, '{')
}

func (o *object) shut() { o.buf = append(o.buf, '}') }

func (o *object) text(name, value string) {
	if value != "" {
		o.name(name)
		o.string(value)
	}
}

func (o *object) uint(name string, value uint64) {
	if value != 0 {
		o.name(name)
		o.buf = strconv.AppendUint(o.buf, value, 10)
	}
}

func (o *object) list(name string, values []string) {
	if len(values) == 0 {
		return
	}
	o.name(name)
	for i, v := range values {
		o.buf = append(o.buf, "[,"[min(i, 1)])
		o.string(v)
	}
	o.buf = append(o.buf, ']')
}

// string appends a text as encoding/json writes it; the common ones need none of
// its care.
func (o *object) string(s string) {
	for i := range len(s) {
		if !plain[s[i]] {
			quoted, _ := json.Marshal(s) // a string is always JSON
			o.buf = append(o.buf, quoted...)
			return
		}
	}
	o.buf = append(append(append(o.buf, '"'), s...), '"')
}

// plain are the bytes that encoding/json writes as they are.
var plain = func() (is [256]bool) {
	for c := ' '; c <= '~'; c++ {
		is[c] = c != '"' && c != '\\' && c != '<' && c != '>' && c != '&'
	}
	return is
}()
