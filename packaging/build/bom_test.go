package main

import (
	"encoding/json"
	"testing"
)

func TestScriptsInTheList(t *testing.T) {
	scripts, err := readScripts("../../" + scriptsFolder)
	if err != nil || len(scripts) == 0 {
		t.Fatal(scripts, err)
	}
	list, err := withScripts([]byte(`{"version":1,"components":[{"name":"example.com/m"}],"dependencies":[{"ref":"us","dependsOn":["m"]},{"ref":"m"}]}`), scripts)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Version    json.Number
		Components []struct {
			Ref, Name, Version, Purl string
			Licenses                 []struct{ License struct{ ID string } }
		}
		Dependencies []struct {
			Ref       string
			DependsOn []string
		}
	}
	if err := json.Unmarshal(list, &got); err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, c := range got.Components[1:] {
		if listed[c.Purl] || c.Licenses[0].License.ID == "" {
			t.Errorf("%+v", c)
		}
		listed[c.Purl] = true
	}
	for _, s := range scripts {
		if !listed["pkg:npm/"+s.Package+"@"+s.Version] {
			t.Errorf("%s %s is not in %s", s.Package, s.Version, list)
		}
	}
	if n := len(listed); got.Version != "1" || got.Components[0].Name != "example.com/m" || len(got.Dependencies) != 2+n || len(got.Dependencies[0].DependsOn) != 1+n {
		t.Errorf("%s", list)
	}
	for _, bad := range []string{"", "[]", "{}", `{"components":[],"dependencies":[]}`, `{"components":[],"dependencies":["x"]}`} {
		if list, err := withScripts([]byte(bad), scripts); err == nil {
			t.Errorf("%q became %s", bad, list)
		}
	}
}
