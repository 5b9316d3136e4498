package secret

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

func TestNewKey(t *testing.T) {
	first, second := NewKey(), NewKey()
	if !regexp.MustCompile(`^[a-z2-7]{5}(-[a-z2-7]{5}){3}$`).MatchString(first.Reveal()) || first == second {
		t.Errorf("keys are %q and %q", first.Reveal(), second.Reveal())
	}
}

func TestKeyIs(t *testing.T) {
	for _, c := range []struct {
		key  Key
		text string
		want bool
	}{
		{"correct-horse", "correct-horse", true}, {"correct-horse", "correct-horsf", false}, {"correct-horse", "correct", false},
		{"correct-horse", "", false}, {"", "", false}, {"", "x", false}, {"correct-horse", Hidden, false},
	} {
		if got := c.key.Is(c.text); got != c.want {
			t.Errorf("%q is %q: %v", c.key.Reveal(), c.text, got)
		}
	}
}

func TestKeyIsNotPrinted(t *testing.T) {
	key := Key("hunter2hunter2")
	encoded, err := json.Marshal(map[string]any{"key": key, "none": Key("")})
	if err != nil {
		t.Fatal(err)
	}
	out := fmt.Sprintf("%v %s %q %#v %+v %s %s", key, key, key, key, struct{ K Key }{key}, encoded, key.LogValue())
	if strings.Contains(out, "hunter2") || string(encoded) != `{"key":"***","none":""}` {
		t.Errorf("printed: %s", out)
	}
}
