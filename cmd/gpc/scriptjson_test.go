package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// jsonMember looks at a member of a document: json FILE PATH VALUE, or, to keep it in a
// variable, json FILE PATH =NAME. A path is names and places with dots between; len is how
// many there are. With ! the member must be missing.
func jsonMember(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 && (!neg || len(args) != 2) {
		ts.Fatalf("usage: json FILE PATH VALUE | =NAME, ! json FILE PATH")
	}
	var document any
	d := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
	d.UseNumber()
	ts.Check(d.Decode(&document))
	got, there := member(document, args[1])
	switch {
	case neg && there:
		ts.Fatalf("%s is there: %v", args[1], got)
	case neg:
	case !there:
		ts.Fatalf("%s is not there", args[1])
	case strings.HasPrefix(args[2], "="):
		ts.Setenv(args[2][1:], fmt.Sprint(got))
	case fmt.Sprint(got) != args[2]:
		ts.Fatalf("%s: got %v, want %s", args[1], got, args[2])
	}
}

func member(of any, path string) (any, bool) {
	if path == "" {
		return of, true
	}
	name, rest, _ := strings.Cut(path, ".")
	switch v := of.(type) {
	case map[string]any:
		value, ok := v[name]
		if !ok {
			return nil, false
		}
		return member(value, rest)
	case []any:
		if name == "len" {
			return len(v), true
		}
		i, err := strconv.Atoi(name)
		if err != nil || i < 0 || i >= len(v) {
			return nil, false
		}
		return member(v[i], rest)
	}
	return nil, false
}

// shapes are what the documents of -f json look like: each member's kind, those with a
// question mark may be missing. Scripts rely on them.
var shapes = map[string]string{
	"slots":        "[slot]",
	"slot":         "ods:string id:string start:time end:time minutes:number delivery_channel?:string slot_type?:string session_type?:string practitioners:[practitioner] location:location organisation:organisation schedule:string filter:filter problem?:string sent_start?:string sent_end?:string",
	"practitioner": "id:string name?:string gender?:string role?:string role_code?:string sds_user_id?:string",
	"location":     "id:string name?:string address?:string postcode?:string phone?:string ods_site?:string",
	"organisation": "id?:string name?:string ods?:string phone?:string",
	"filter":       "organisation_type?:string organisation?:string",

	"patient":    patientShape,
	"registered": patientShape + " already:bool recovered:bool intent:string",
	"address":    "use?:string type?:string text?:string line?:[string] city?:string district?:string state?:string postalCode?:string country?:string",
	"telecom":    "system?:string value?:string use?:string",

	"appointments": "[appointment]",
	"appointment":  appointmentShape,
	"shown":        appointmentShape + " place?:location people?:[practitioner]",
	"booked":       appointmentShape + " place:location people?:[practitioner] registered:bool recovered:bool intent:string",
	"changed":      appointmentShape + " recovered:bool intent:string",
	"moved":        appointmentShape + " place:location people?:[practitioner] recovered:bool intent:string replaced:appointment",
	"booker":       "ods?:string name?:string type?:string phone?:string",

	"resumed": "[settled]",
	"settled": "intent:intent outcome?:outcome decides?:time problem?:string appointment?:appointment",
	"intent":  "id:string interaction:string ods:string organisation:string trace_id:string at:instant decides?:instant patient?:string slots?:[string] start?:time created?:time replaces?:string appointment?:string version?:string digest?:string joined?:string",
	"outcome": "state:string by:string appointment?:string at:instant",
}

const (
	patientShape     = "ods:string id:string nhs_number:string family?:string given:[string] prefix:[string] gender?:string birth_date?:string registration_type?:string addresses:[address] telecoms:[telecom] trace_id?:string"
	appointmentShape = "ods:string id:string version?:string status:string start:time end:time minutes:number delivery_channel?:string slot_type?:string session_type?:string practitioner_role?:string practitioner_role_code?:string description?:string comment?:string cancellation_reason?:string created:time slots:[string] patient:string location:string practitioners:[string] booked_by:booker unread?:bool trace_id?:string"
)

// jsonShape holds a document, or with -lines each line of one, against its shape: shape [-lines] NAME FILE.
func jsonShape(ts *testscript.TestScript, neg bool, args []string) {
	perLine := len(args) == 3 && args[0] == "-lines"
	if perLine {
		args = args[1:]
	}
	if neg || len(args) != 2 || shapes[args[0]] == "" {
		ts.Fatalf("usage: shape [-lines] NAME FILE")
	}
	documents := [][]byte{[]byte(ts.ReadFile(args[1]))}
	if perLine {
		documents = bytes.Split(bytes.TrimSpace(documents[0]), []byte("\n"))
	}
	for _, text := range documents {
		var document any
		ts.Check(json.Unmarshal(text, &document))
		if wrong := misfit(args[0], document); wrong != "" {
			ts.Fatalf("%s is no %s: %s", args[1], args[0], wrong)
		}
	}
}

// misfit says where a value is not of a kind; "" when it is.
func misfit(kind string, value any) string {
	if inner, ok := strings.CutPrefix(kind, "["); ok {
		list, ok := value.([]any)
		if !ok {
			return fmt.Sprintf("%T is no list", value)
		}
		for i, item := range list {
			if wrong := misfit(strings.TrimSuffix(inner, "]"), item); wrong != "" {
				return fmt.Sprintf("%d: %s", i, wrong)
			}
		}
		return ""
	}
	text, isText := value.(string)
	switch kind {
	case "string":
		return unless(isText && text != "", value)
	case "time": // in UK local time with its offset
		return unless(isText && regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0[01]:00$`).MatchString(text), value)
	case "instant":
		return unless(isText && regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$`).MatchString(text), value)
	case "number":
		_, ok := value.(float64)
		return unless(ok, value)
	case "bool":
		_, ok := value.(bool)
		return unless(ok, value)
	}
	if strings.HasPrefix(shapes[kind], "[") {
		return misfit(shapes[kind], value)
	}
	return misfitObject(kind, value)
}

func misfitObject(kind string, value any) string {
	object, ok := value.(map[string]any)
	if !ok {
		return fmt.Sprintf("%T is no %s", value, kind)
	}
	known := []string{}
	for _, field := range strings.Fields(shapes[kind]) {
		name, of, _ := strings.Cut(field, ":")
		name, optional := strings.CutSuffix(name, "?")
		known = append(known, name)
		v, there := object[name]
		switch {
		case !there && optional:
		case !there:
			return name + " is missing"
		default:
			if wrong := misfit(of, v); wrong != "" {
				return name + ": " + wrong
			}
		}
	}
	for name := range object {
		if !slices.Contains(known, name) {
			return name + " is not known"
		}
	}
	return ""
}

func unless(ok bool, value any) string {
	if ok {
		return ""
	}
	return fmt.Sprintf("%v (%T)", value, value)
}
