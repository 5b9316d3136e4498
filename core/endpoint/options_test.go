package endpoint

import (
	"reflect"
	"testing"
	"time"
)

// A number that makes no sense must not turn into a dial that is over before it began, or
// a list of slots of negative length.
func TestOptionsWithoutSense(t *testing.T) {
	defaults := (*Options)(nil).filled()
	same := func(what string, got *Options) {
		t.Helper()
		a, b := *defaults, *got
		a.Logger, b.Logger, a.Random, b.Random = nil, nil, nil, nil // made anew each time
		if !reflect.DeepEqual(a, b) {
			t.Errorf("%s:\n got %+v\nwant %+v", what, b, a)
		}
	}
	same("zero", (&Options{}).filled())
	same("negative", (&Options{ConnectionTimeout: -1, MaxCallsPerLink: -1, DialsPerHost: -1, PublishDelay: -1, CallPatience: -1}).filled())

	for _, test := range []struct{ given, want time.Duration }{
		{0, DefaultHealthCheckInterval},
		{1, time.Second}, // nanosecond
		{999 * time.Millisecond, time.Second},
		{time.Second, time.Second},
		{1<<63 - 1, 1<<63 - 1},
		{-1, -1},
	} {
		if got := (&Options{HealthCheckInterval: test.given}).filled().HealthCheckInterval; got != test.want {
			t.Errorf("a health check interval of %v counts as %v, want %v", test.given, got, test.want)
		}
	}
	if got := (&Options{MaxReconnectAttempts: -1, FailedRetryInterval: -1}).filled(); got.MaxReconnectAttempts != -1 || got.FailedRetryInterval != -1 {
		t.Errorf("never does not stay never: %+v", got)
	}
}
