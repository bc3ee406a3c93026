package sms

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// OVHConfig is an OVHcloud SMS account. The keys are created on
// https://eu.api.ovh.com/createToken/ with the rights POST /sms/*/jobs.
type OVHConfig struct {
	Endpoint    string // "https://eu.api.ovh.com/1.0" when empty
	Service     string // the account, "sms-ab12345-1"
	AppKey      string
	AppSecret   string
	ConsumerKey string
	PerPart     Cost // tariff of one part
	Link        Link
	Clock       Clock // the machine's when nil
}

// Clock gives the present instant; platform/clock has two.
type Clock interface{ Now() time.Time }

type machineClock struct{}

func (machineClock) Now() time.Time { return time.Now() }

// OVH sends through OVHcloud (POST /sms/{service}/jobs).
//
// The calls are signed here rather than with OVH's own client: that client
// reads its keys from files and environment variables nobody asked for, writes
// to a shared http.Client at each call, asks the time without a deadline, and
// does not say whether a failed request had been written.
type OVH struct {
	caller
	signer
	jobs    string
	perPart Cost
}

// NewOVH checks the settings; it does not call the provider.
func NewOVH(c OVHConfig) (*OVH, error) {
	c.Endpoint = strings.TrimSuffix(cmp.Or(c.Endpoint, "https://eu.api.ovh.com/1.0"), "/")
	if err := checkURL("OVHcloud", c.Endpoint); err != nil {
		return nil, err
	}
	for name, value := range map[string]string{
		"service": c.Service, "application key": c.AppKey, "application secret": c.AppSecret, "consumer key": c.ConsumerKey,
	} {
		if strings.TrimSpace(value) == "" {
			return nil, fmt.Errorf("SMS provider OVHcloud: no %s", name)
		}
	}
	if c.Clock == nil {
		c.Clock = machineClock{}
	}
	caller := newCaller(c.Link)
	return &OVH{
		caller:  caller,
		signer:  signer{caller: caller, clock: c.Clock, endpoint: c.Endpoint, appKey: c.AppKey, appSecret: c.AppSecret, consumerKey: c.ConsumerKey},
		jobs:    c.Endpoint + "/sms/" + url.PathEscape(c.Service) + "/jobs",
		perPart: c.PerPart,
	}, nil
}

// ovhJob is the body of POST /sms/{service}/jobs.
type ovhJob struct {
	Charset           string   `json:"charset"`
	Class             string   `json:"class"`
	Coding            string   `json:"coding"`
	Message           string   `json:"message"`
	NoStopClause      bool     `json:"noStopClause"`
	Priority          string   `json:"priority"`
	Receivers         []string `json:"receivers"`
	Sender            string   `json:"sender,omitempty"`
	SenderForResponse bool     `json:"senderForResponse"`
	ValidityPeriod    int      `json:"validityPeriod"` // minutes
}

type ovhAnswer struct {
	IDs              []json.Number `json:"ids"`
	ValidReceivers   []string      `json:"validReceivers"`
	InvalidReceivers []string      `json:"invalidReceivers"`
}

type ovhError struct {
	Message string `json:"message"`
	Code    string `json:"errorCode"`
	Class   string `json:"class"`
}

// Send sends the message. Without a sender name the person sees a short number
// and may answer for 48 hours.
func (o *OVH) Send(ctx context.Context, m Message) (Receipt, error) {
	m, size, err := PrepareOutside(m)
	if err != nil {
		return Receipt{}, err
	}
	job := ovhJob{
		Charset: "UTF-8", Class: "phoneDisplay", Coding: "7bit", Message: m.Text,
		NoStopClause: m.Kind == Alert, Priority: "high", Receivers: []string{m.To.E164()},
		Sender: m.Sender, SenderForResponse: m.Sender == "", ValidityPeriod: 2880,
	}
	if size.Encoding == UCS2 {
		job.Coding = "8bit"
	}
	body, err := json.Marshal(job)
	if err != nil {
		return Receipt{}, fmt.Errorf("writing an OVHcloud job: %w", err)
	}
	req, err := http.NewRequest(http.MethodPost, o.jobs, bytes.NewReader(body))
	if err != nil {
		return Receipt{}, fmt.Errorf("writing an OVHcloud call: %w", err)
	}
	req.Header.Set("Content-Type", "application/json;charset=utf-8")
	req.Header.Set("Accept", "application/json")
	if err := o.sign(ctx, req, body); err != nil {
		return Receipt{}, err
	}
	a, err := o.do(ctx, req)
	if err != nil {
		return Receipt{}, err
	}
	if f := statusFailure(a.status, a.header); f != nil {
		return Receipt{}, o.explain(f, a)
	}
	return o.receipt(a, size)
}

// explain adds the provider's words to a failure, and forgets the clock
// difference when the signature is refused, because the clock may have moved.
func (o *OVH) explain(f *Failure, a *answer) error {
	var said ovhError
	if json.Unmarshal(a.body, &said) == nil {
		f.Detail = masked(strings.Join([]string{cmp.Or(said.Code, said.Class), said.Message}, " "))
	}
	words := strings.ToLower(said.Code + said.Message)
	switch {
	case f.Outcome == ErrDoubtful:
	case strings.Contains(words, "signature"), strings.Contains(words, "timestamp"), strings.Contains(words, "credential"):
		o.forget()
		f.Outcome, f.Reason = ErrNotSent, ReasonCredential
	case strings.Contains(words, "credit"):
		f.Outcome, f.Reason = ErrNotSent, ReasonCredit
	case strings.Contains(words, "sender") && f.Outcome == ErrRefused:
		f.Reason = ReasonSender
	case strings.Contains(words, "receiver") && f.Outcome == ErrRefused:
		f.Reason = ReasonRecipient
	}
	return f
}

func (o *OVH) receipt(a *answer, size Size) (Receipt, error) {
	var said ovhAnswer
	if err := json.Unmarshal(a.body, &said); err != nil {
		return Receipt{}, garbage(a, "not the JSON of a sending report")
	}
	switch {
	case len(said.IDs) == 1 && said.IDs[0] != "":
		return Receipt{ProviderID: said.IDs[0].String(), Parts: size.Parts, Cost: o.perPart.Times(size.Parts)}, nil
	case len(said.IDs) == 0 && len(said.ValidReceivers) == 0 && len(said.InvalidReceivers) > 0:
		return Receipt{}, &Failure{Outcome: ErrRefused, Reason: ReasonRecipient, Status: a.status, Detail: "invalid receiver"}
	}
	return Receipt{}, garbage(a, "no single identifier in the sending report")
}

// errOVHTime is wrapped when the provider's time cannot be had.
var errOVHTime = errors.New("asking OVHcloud its time")
