package sms_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"parvis/platform/i18n"
	"parvis/platform/sms"
	"parvis/platform/sms/smstest"
)

func TestLog(t *testing.T) {
	smstest.Conformance(t, func(t *testing.T, target smstest.Target) sms.Sender {
		return sms.NewLog(slog.New(slog.DiscardHandler), target.PerPart)
	}, nil)
}

func TestLogWrites(t *testing.T) {
	var out bytes.Buffer
	m := alert(t, "C’est noté, à demain")
	if _, err := sms.NewLog(slog.New(slog.NewTextHandler(&out, nil)), 0).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"+33600000001", "C'est noté, à demain", "ref-1", "parts=1"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in %s", want, out.String())
		}
	}
}

func TestEveryReasonHasItsSentence(t *testing.T) {
	if err := i18n.Check(sms.Locales); err != nil {
		t.Fatal(err)
	}
	catalog, err := i18n.New(sms.Locales)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []sms.Reason{
		sms.ReasonRecipient, sms.ReasonFiction, sms.ReasonText, sms.ReasonSender, sms.ReasonCredential, sms.ReasonCredit,
		sms.ReasonSettings, sms.ReasonRate, sms.ReasonUnavailable, sms.ReasonConnection, sms.ReasonTimeout, sms.ReasonAnswer, sms.ReasonProvider,
	} {
		if key := (&sms.Failure{Reason: r}).Key(); !catalog.Has(key) {
			t.Errorf("no sentence under %s", key)
		}
	}
}
