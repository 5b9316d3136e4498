package desktop

import (
	"context"
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// listen calls hint whenever the system reports a change of an interface or an address,
// until ctx ends. What it reports is not read: the addresses are looked at instead.
func listen(ctx context.Context, hint func()) error {
	// Windows calls it on threads of its own. Go keeps such a function for ever, and up
	// to some two thousand of them; one Watch makes one.
	report := windows.NewCallback(func(_, _, _ uintptr) uintptr {
		hint()
		return 0
	})
	var ofInterfaces, ofAddresses windows.Handle
	if err := windows.NotifyIpInterfaceChange(windows.AF_UNSPEC, report, nil, false, &ofInterfaces); err != nil {
		return fmt.Errorf("listen for changes of interfaces: %w", err)
	}
	defer windows.CancelMibChangeNotify2(ofInterfaces) // which waits for calls that run
	if err := windows.NotifyUnicastIpAddressChange(windows.AF_UNSPEC, report, nil, false, &ofAddresses); err != nil {
		return fmt.Errorf("listen for changes of addresses: %w", err)
	}
	defer windows.CancelMibChangeNotify2(ofAddresses)
	hint() // for what changed until now
	<-ctx.Done()
	return nil
}

var queryUnbiasedInterruptTime = windows.NewLazySystemDLL("kernel32.dll").NewProc("QueryUnbiasedInterruptTime")

// asleep returns for how long the system has slept since it started: of its clocks,
// the tick count goes on in sleep and the unbiased interrupt time does not; neither can be set.
func asleep() time.Duration {
	var awake uint64 // in units of 100 ns
	if ok, _, _ := queryUnbiasedInterruptTime.Call(uintptr(unsafe.Pointer(&awake))); ok == 0 {
		return 0 // it fails for a nil pointer only
	}
	return windows.DurationSinceBoot() - time.Duration(awake)*100
}

func passed() time.Duration { return windows.DurationSinceBoot() }
