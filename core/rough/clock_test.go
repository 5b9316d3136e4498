package rough

import (
	"testing"
	"time"
)

func TestSet(t *testing.T) {
	now := time.Now()
	for _, by := range []time.Duration{24 * time.Hour, -24 * time.Hour, time.Second, 0} {
		set := Set(now, by)
		if later := set.Add(time.Minute); later.Sub(now) != time.Minute || !later.After(now) || later.Unix() != now.Unix()+int64((by+time.Minute)/time.Second) {
			t.Errorf("%v after %v is %v", by, now, later)
		}
	}
}

func TestSetNeedsBothClocks(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a time of the wall alone was set")
		}
	}()
	Set(time.Now().Round(0), time.Hour)
}
