package app

import (
	"context"
	"errors"
	"fmt"
	"io"

	"parvis/loop/listen/contact"
	"parvis/platform/fault"
)

// Exit codes that mail servers understand (sysexits.h): the mail is kept and
// tried again, or sent back with its reason.
const (
	exitData    = 65 // what came is no mail
	exitNoUser  = 67 // nobody here has this address
	exitTryLate = 75 // not now
)

// importMail files the mail on the standard input, for a mail server's pipe.
func (r *run) importMail(ctx context.Context, cfg Config, in io.Reader) int {
	a, err := r.build(ctx, cfg, r.logger(cfg))
	if err != nil {
		r.complain(err)
		return exitTryLate
	}
	filed, err := a.takeMail(ctx, in, r.cmd.Import.Mail.Territory)
	err = errors.Join(err, a.Close(context.WithoutCancel(ctx)))
	switch {
	case fault.Is(err, fault.Invalid):
		r.complain(err)
		return 2
	case err != nil:
		r.complain(err)
		return exitTryLate
	}
	fmt.Fprintln(r.out, r.words.T("app.cmd.mail."+string(filed)))
	switch filed {
	case contact.FiledNowhere:
		return exitNoUser
	case contact.FiledBroken, contact.FiledTooLarge:
		return exitData
	}
	return 0
}

func (a *App) takeMail(ctx context.Context, in io.Reader, territory string) (contact.Filed, error) {
	if territory != "" {
		if _, err := a.Book.Get(ctx, territory); err != nil {
			return "", fault.New(fault.Invalid, "app.cmd.import.territory", "ID", territory).Because(err)
		}
	}
	return a.Contact.Take(ctx, in, territory)
}
