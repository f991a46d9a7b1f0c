package profile

import (
	"reflect"
	"testing"

	"github.com/pelletier/go-toml/v2"
)

// TestShownIsEverything: a file in which every key is set is shown with every key.
func TestShownIsEverything(t *testing.T) {
	var whole File
	set(t, reflect.ValueOf(&whole).Elem())
	want, err := toml.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	file, err := Parse(Source{Name: "gpc.toml", Data: want})
	if err != nil {
		t.Fatal(err)
	}
	p, err := file.Select("")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := p.Shown(); err != nil || string(got) != string(want) {
		t.Errorf("got %v\n%s\nwant\n%s", err, got, want)
	}
}

// set gives every key below v a value.
func set(t *testing.T, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.String:
		v.SetString("set")
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		set(t, v.Index(0))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		set(t, v.Elem())
	case reflect.Map:
		value := reflect.New(v.Type().Elem()).Elem()
		set(t, value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("set"), value)
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Tag.Get("toml") != "-" {
				set(t, v.Field(i))
			}
		}
	default:
		t.Fatalf("a key of type %s: say here how it is set", v.Type())
	}
}

// TestShownIsWhatIsSet: of other profiles and of what is left out nothing is shown.
func TestShownIsWhatIsSet(t *testing.T) {
	file, err := Parse(Source{Name: "gpc.toml", Data: []byte("[profiles.one]\nproxy = \"https://one.example\"\n[profiles.two]\nproxy = \"https://two.example\"\n[settling]\nlate = \"9m\"\n")})
	if err != nil {
		t.Fatal(err)
	}
	p, err := file.Select("one")
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Shown()
	if err != nil {
		t.Fatal(err)
	}
	var back map[string]any
	if err := toml.Unmarshal(got, &back); err != nil {
		t.Fatal(err)
	}
	profiles, _ := back["profiles"].(map[string]any)
	if _, two := profiles["two"]; two || len(profiles) != 1 || !reflect.DeepEqual(back["settling"], map[string]any{"late": "9m"}) || back["audit"] != nil || back["journal"] != nil || back["default"] != nil {
		t.Errorf("got\n%s", got)
	}
}
