package exchange

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"parvis/loop/listen/report/open311"
	"parvis/platform/geo"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
)

// point reads lat and long; given is false when there is none.
func (x *exchange) point() (p geo.Point, given bool) {
	lat, long := x.form.one("lat"), x.form.one("long")
	switch {
	case lat == "" && long == "":
		return p, false
	case lat == "":
		x.wrong(http.StatusBadRequest, "open311.error.pair", "Name", "lat", "Other", "long")
		return p, true
	case long == "":
		x.wrong(http.StatusBadRequest, "open311.error.pair", "Name", "long", "Other", "lat")
		return p, true
	}
	p.Lat, _ = x.degrees("lat", 90)
	p.Lon, _ = x.degrees("long", 180)
	return p, true
}

// actor is who holds the key of the call; nobody without a right key, and said.
func (x *exchange) actor() (web.Actor, error) {
	key := x.form.one("api_key")
	if key == "" {
		key = strings.TrimSpace(strings.TrimPrefix(x.c.Request.Header.Get("Authorization"), "Bearer "))
	}
	if key == "" {
		x.wrong(http.StatusForbidden, "open311.error.api_key.missing", "Name", "api_key")
		return web.Actor{}, nil
	}
	who, err := x.Key(x.c.Ctx(), x.place.Territory, key)
	if errors.Is(err, store.ErrNotFound) || err == nil && !who.Can(MayFile) {
		x.wrong(http.StatusForbidden, "open311.error.api_key", "Name", "api_key")
		return web.Actor{}, nil
	}
	return who, err
}

// file takes a report: POST /requests.
func (x *exchange) file() (open311.Answer, int, error) {
	who, err := x.actor()
	if err != nil || len(x.faults) > 0 {
		return open311.Answer{}, 0, err
	}
	catalogue, err := x.Book.Catalogue(x.c.Ctx(), x.store)
	if err != nil {
		return open311.Answer{}, 0, err
	}
	f := Filing{Actor: who, Address: x.form.one("address_string"), AddressID: x.form.one("address_id"), Description: x.description(),
		FirstName: x.form.one("first_name"), LastName: x.form.one("last_name"), Email: x.form.one("email"), Phone: x.form.one("phone"),
		Photos: x.form.photos, MediaURL: x.mediaURL(), Lang: i18n.Lang(x.c.Ctx()), Key: x.idempotency(), BodyHash: x.form.hash}
	if p, given := x.point(); given {
		f.Point = &p
	} else if f.Address == "" && f.AddressID == "" {
		x.wrong(http.StatusBadRequest, "open311.error.location")
	}
	if len(f.AddressID) > 100 {
		x.wrong(http.StatusBadRequest, "open311.error.long", "Name", "address_id", "Max", 100)
	}
	code := x.form.one("service_code")
	switch s := catalogue.find(code); {
	case code == "":
		x.wrong(http.StatusBadRequest, "open311.error.missing", "Name", "service_code")
	case s == nil:
		x.wrong(http.StatusNotFound, "open311.error.service", "Name", "service_code", "Value", short(code))
	default:
		f.Service, f.Answers = *s, x.answers(*s)
	}
	if len(x.faults) > 0 {
		return open311.Answer{}, 0, nil
	}
	receipt, err := x.Book.File(x.c.Ctx(), x.store, f)
	if err != nil {
		return open311.Answer{}, 0, err
	}
	switch f.Service.Type {
	case open311.Batch:
		receipt.Notice = x.c.T("open311.notice.batch")
	case open311.Blackbox:
		receipt.Notice = x.c.T("open311.notice.blackbox")
	}
	return open311.Posted(receipt), http.StatusCreated, nil
}

func (x *exchange) description() string {
	// Space around is kept out, what is inside stays as it is.
	text := strings.TrimSpace(x.form.Get("description"))
	if n := utf8.RuneCountInString(strings.ReplaceAll(text, "\r\n", "\n")); n > open311.MaxDescription {
		x.wrong(http.StatusBadRequest, "open311.error.long", "Name", "description", "Max", open311.MaxDescription)
	}
	return text
}

func (x *exchange) mediaURL() string {
	address := x.form.one("media_url")
	if address != "" && (len(address) > 1000 || !strings.HasPrefix(address, "https://") && !strings.HasPrefix(address, "http://")) {
		x.wrong(http.StatusBadRequest, "open311.error.media_url", "Name", "media_url")
	}
	return address
}

func (x *exchange) idempotency() string {
	key := strings.TrimSpace(x.c.Request.Header.Get("Idempotency-Key"))
	if len(key) > 255 {
		x.wrong(http.StatusBadRequest, "open311.error.long", "Name", "Idempotency-Key", "Max", 255)
	}
	return key
}

// maxAnswer bounds a free answer, in characters.
const maxAnswer = 500

// answers reads attribute[CODE] and attribute[CODE][], and checks them against what
// the service asks. Attributes that it does not know are left aside.
func (x *exchange) answers(s Listed) map[string][]string {
	out := map[string][]string{}
	for _, a := range s.Attributes {
		if !a.Variable {
			continue
		}
		name := "attribute[" + a.Code + "]"
		var values []string
		for _, v := range append(x.form.Values[name], x.form.Values[name+"[]"]...) {
			if v = strings.TrimSpace(v); v != "" {
				values = append(values, v)
			}
		}
		switch {
		case len(values) == 0 && a.Required:
			x.wrong(http.StatusBadRequest, "open311.error.missing", "Name", name)
		case len(values) > 1 && a.Datatype != open311.MultiList:
			x.wrong(http.StatusBadRequest, "open311.error.one", "Name", name)
		case len(values) > 0:
			for i, v := range values {
				values[i] = x.value(a, name, v)
			}
			out[a.Code] = values
		}
	}
	return out
}

// value checks one answer and returns it as the reports keep it.
func (x *exchange) value(a open311.Attribute, name, v string) string {
	switch a.Datatype {
	case open311.Number:
		// A decimal comma is refused: 12,5 and 1,250 cannot be told apart.
		if _, err := strconv.ParseFloat(v, 64); err != nil {
			x.wrong(http.StatusBadRequest, "open311.error.number", "Name", name, "Value", short(v))
		}
	case open311.Datetime:
		t, err := time.Parse(time.RFC3339, v)
		if err != nil {
			t, err = time.Parse(time.DateOnly, v)
		}
		if err != nil {
			x.wrong(http.StatusBadRequest, "open311.error.date", "Name", name, "Value", short(v))
		}
		return t.Format(time.DateOnly)
	case open311.SingleList, open311.MultiList:
		for _, known := range a.Values {
			if known.Key == v {
				return v
			}
		}
		x.wrong(http.StatusBadRequest, "open311.error.list", "Name", name, "Value", short(v))
	default:
		if utf8.RuneCountInString(v) > maxAnswer {
			x.wrong(http.StatusBadRequest, "open311.error.long", "Name", name, "Max", maxAnswer)
		}
	}
	return v
}

// update notes what another program says: POST /servicerequestupdates.
func (x *exchange) update() (open311.Answer, int, error) {
	who, err := x.actor()
	if err != nil || len(x.faults) > 0 {
		return open311.Answer{}, 0, err
	}
	t := Told{Origin: "key:" + who.ID.String(), Actor: who.ID, Treats: who.Can(MayTreat), Number: x.form.one("service_request_id"), UpdateID: x.form.one("update_id"),
		Status: x.form.one("status"), External: x.form.one("external_status_code"), At: x.moment("updated_datetime"), Text: x.description(),
		Photos: x.form.photos, MediaURL: x.mediaURL()}
	for name, value := range map[string]string{"service_request_id": t.Number, "update_id": t.UpdateID, "status": t.Status} {
		switch {
		case value == "":
			x.wrong(http.StatusBadRequest, "open311.error.missing", "Name", name)
		case len(value) > 200:
			x.wrong(http.StatusBadRequest, "open311.error.long", "Name", name, "Max", 200)
		}
	}
	if _, ok := stateOf(t.Status, t.External); !ok {
		x.wrong(http.StatusBadRequest, "open311.error.status", "Name", "status", "Value", short(t.Status))
	}
	if len(x.faults) > 0 {
		return open311.Answer{}, 0, nil
	}
	x.id = t.Number
	id, fresh, err := x.Book.Update(x.c.Ctx(), x.store, t)
	if !fresh {
		return open311.PostedUpdate(id), http.StatusOK, err
	}
	return open311.PostedUpdate(id), http.StatusCreated, err
}
