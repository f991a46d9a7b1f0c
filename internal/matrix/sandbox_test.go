//go:build unix

package matrix

import (
	"testing"
	"time"

	"github.com/gpconnect-go/gpc/client"
	"github.com/gpconnect-go/gpc/sandbox"
)

// TestSandboxFaults holds the client against every fault that the sandbox's
// proxy and its practice know.
func TestSandboxFaults(t *testing.T) {
	none, unreadable, unreachable, refused := client.ErrNoAnswer, client.ErrUnreadable, client.ErrProviderUnreachable, client.ErrRefused
	for _, test := range []struct {
		fault string
		p     patience
		want  want // counts are of the practice
	}{
		{"proxy:hang", brief, want{none, none, 0, 0}},
		{"proxy:delay:50ms", ample, want{reads: 1, writes: 1}},
		{"proxy:status:500", ample, want{none, none, 0, 0}},
		{"proxy:status:429", ample, want{client.ErrThrottled, client.ErrThrottled, 0, 0}},
		{"proxy:status:496", ample, want{client.ErrClientCertificate, client.ErrClientCertificate, 0, 0}},
		{"proxy:status:503:0", ample, want{none, none, 0, 0}},
		{"proxy:error:FOT_CHECK_FAILED", ample, want{client.ErrNoSharingAgreement, client.ErrNoSharingAgreement, 0, 0}},
		{"proxy:drop:before-commit", ample, want{none, none, 0, 0}},
		{"proxy:drop:after-commit", ample, want{none, none, 3, 1}},
		{"proxy:slow:10ms", ample, want{reads: 1, writes: 1}},
		{"proxy:slow:1s", brief, want{none, none, 3, 1}},
		{"proxy:gzip-bomb", ample, want{unreadable, unreadable, 1, 1}},
		{"proxy:truncate", ample, want{none, none, 3, 1}},
		{"proxy:garble", ample, want{unreadable, refused, 1, 1}},
		{"proxy:html", ample, want{unreadable, nil, 0, 0}},
		{"proxy:redirect", ample, want{unreadable, unreadable, 0, 0}},
		{"provider:hang", brief, want{none, none, 3, 1}},
		{"provider:delay:50ms", ample, want{reads: 1, writes: 1}},
		{"provider:status:500", ample, want{none, none, 1, 1}},
		{"provider:status:503", ample, want{none, none, 3, 1}},
		{"provider:error:NO_PATIENT_CONSENT", ample, want{client.NoPatientConsent, client.NoPatientConsent, 1, 1}},
		{"provider:error:ACCESS_DENIED", ample, want{client.ErrNotEnabled, refused, 1, 1}},
		{"provider:drop:before-commit", ample, want{unreachable, unreachable, 3, 1}},
		{"provider:drop:after-commit", ample, want{unreachable, unreachable, 3, 1}},
		{"provider:slow:10ms", ample, want{reads: 1, writes: 1}},
		{"provider:slow:1s", brief, want{none, none, 3, 1}},
		{"provider:gzip-bomb", ample, want{unreadable, unreadable, 1, 1}},
		{"provider:truncate", ample, want{none, none, 3, 1}},
		{"provider:garble", ample, want{unreadable, refused, 1, 1}},
		{"provider:html", ample, want{unreadable, nil, 1, 1}},
		{"provider:redirect", ample, want{unreadable, unreadable, 1, 1}},
	} {
		t.Run(test.fault, func(t *testing.T) {
			server, err := sandbox.Start(t.Context(), sandbox.Config{Plain: true})
			if err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			at, config := listed(t, server), own(t, server)
			if err := server.Inject(test.fault); err != nil {
				t.Fatal(err)
			}
			read, readErr := call(t, server.ProxyURL(), config, at, test.p, false)
			write, writeErr := call(t, server.ProxyURL(), config, at, test.p, true)
			test.want.hold(t, test.fault, test.p, readErr, writeErr, [2]time.Duration{read, write},
				arrived(server, "provider", "GET"), arrived(server, "provider", "POST"))
			if posts := arrived(server, "proxy", "POST"); posts > 1 {
				t.Errorf("%d POSTs reached the proxy, want 1", posts)
			}
		})
	}
}
