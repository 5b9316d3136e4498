package config

import "testing"

func TestNotifications(t *testing.T) {
	for text, want := range map[string]Notifications{
		`{}`:                    {true, true, true, true},
		`{"notifications": {}}`: {true, true, true, true},
		`{"notifications": {"endpoints": false}}`:                                          {false, true, true, true},
		`{"notifications": {"servers": false, "configuration": false, "recovery": false}}`: {true, false, false, false},
	} {
		c, err := Parse([]byte(text), environment)
		if err != nil || len(c.Warnings) > 0 || c.Notifications != want {
			t.Errorf("%s: %+v, %v", text, c, err)
		}
	}
	c, err := Parse([]byte(`{"notifications": {"endpoint": false}}`), environment)
	if err != nil || len(c.Warnings) != 1 || c.Warnings[0].Key != "notifications.endpoint" {
		t.Errorf("an unknown switch: %v, %v", c, err)
	}
	if _, err := Parse([]byte(`{"notifications": {"recovery": 1}}`), environment); err == nil {
		t.Error("a number is taken for a switch")
	}
	e := newEdit([]byte("{}\n"), environment)
	if err := e.SetOption("notifications.recovery", false); err != nil {
		t.Fatal(err)
	}
	if c, err := e.Config(); err != nil || c.Notifications.Recovery {
		t.Errorf("%v, %v in %s", c, err, e.Text())
	}
}
