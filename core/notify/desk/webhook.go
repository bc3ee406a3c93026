package desk

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"

	"parvis/platform/fault"
	"parvis/platform/sms"
	"parvis/platform/web"
)

// webhook takes a provider's call. Whoever knows the secret is the provider;
// a call that is not signed as agreed is
// refused; what cannot be read or belongs to nobody is answered politely, because an
// error would make the provider call again for ever. Only a database that is
// away is an error: the provider then calls again when it is back.
func (d *desk) webhook(c *web.Context) error {
	provider := c.Param("provider")
	w, known := d.hub.Webhook(provider)
	// Compared even when the provider is unknown, and by hashes of one length.
	given, secret := sha256.Sum256([]byte(c.Param("token"))), sha256.Sum256([]byte(w.Token))
	if subtle.ConstantTimeCompare(given[:], secret[:]) != 1 || !known {
		return fault.New(fault.NotFound, "")
	}
	if err := w.Sign.Verify(c.Request); err != nil {
		d.hub.Unread(c.Ctx(), provider, err)
		return fault.New(fault.Forbidden, "").Because(err)
	}
	if w.Provider != "" {
		provider = w.Provider
	}
	list, err := sms.ParseWebhook(w.Parse, c.Request)
	switch {
	case errors.Is(err, sms.ErrWebhook):
		d.hub.Unread(c.Ctx(), provider, err)
	case err != nil:
		return err
	default:
		if err := d.hub.Receive(c.Ctx(), provider, c.Query("number"), list); err != nil {
			return err
		}
	}
	c.Writer.Header().Set("Cache-Control", "no-store")
	c.Writer.WriteHeader(http.StatusNoContent)
	return nil
}
