package client

import "errors"

// final says whether a failed write is known not to have taken place, and not
// to take place any more. left says whether there was a connection ready for
// it. Everything else is ambiguous: the practice may have carried it out, or may yet.
func (e *Error) final(left bool) bool {
	switch {
	case e.Layer == LayerSelf, e.Layer == LayerDirectory, e.Layer == LayerPDS, !left:
		return true // nothing left this machine
	case e.StatusCode == 0:
		// In TLS 1.3 a server says that it does not accept our certificate after we have
		// sent, but before it has read. Every other lost answer may be that to a write carried out.
		return errors.Is(e, ErrClientCertificate)
	case e.StatusCode == 408, e.StatusCode == 444, e.StatusCode == 499:
		return false // somebody on the way stopped waiting
	case e.StatusCode == 501:
		return errors.Is(e, NotImplemented) // said by the practice itself
	case e.StatusCode == 403 && e.Outcome == nil:
		return false // neither the proxy's word nor the practice's: a firewall may dislike an answer as well
	}
	// The proxy's and the practice's refusals are before the deed; a redirect, a
	// 2xx that cannot be read and a 5xx can be after it.
	return e.StatusCode >= 400 && e.StatusCode < 500
}

// conflicts reports whether the practice refused because of what is there,
// which may be the doing of this very write.
func (e *Error) conflicts() bool { return e.StatusCode == 409 || e.StatusCode == 412 }
