package person_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"parvis/core/person"
	"parvis/core/person/persontest"
	"parvis/platform/store"
)

func TestAPI(t *testing.T) {
	v := &visits{at: map[store.ID]int{}, busy: map[store.ID]bool{}}
	persontest.Each(t, persontest.Options{Sections: []person.Section{v.section()}}, func(t *testing.T, town *persontest.Town) {
		c := town.API(t)
		want := func(what string, status, expected int, answer map[string]any) {
			t.Helper()
			if status != expected {
				t.Errorf("%s: %d %v, want %d", what, status, answer, expected)
			}
		}
		const aline = `{"firstName": "Aline", "lastName": "Aubépin", "phone": "06 39 98 10 01", "title": "mme"}`
		status, answer := c.Call("POST", "vouneuil/residents", aline)
		want("without key", status, http.StatusUnauthorized, answer)
		c.Key = "elected@" + persontest.Vouneuil
		status, answer = c.Call("POST", "vouneuil/residents", aline)
		want("with a role that may not", status, http.StatusForbidden, answer)
		c.Key = "agent@" + persontest.Brandes
		status, answer = c.Call("GET", "vouneuil/residents", "")
		want("with the neighbour's key", status, http.StatusUnauthorized, answer)

		c.Key = "agent@" + persontest.Vouneuil
		status, card := c.Call("POST", "vouneuil/residents", aline)
		want("create", status, http.StatusOK, card)
		id := fmt.Sprint(card["id"])
		if card["phone"] != "+33639981001" || card["lang"] != "fr" || card["title"] != "mme" {
			t.Errorf("card %v", card)
		}
		if _, again := c.Call("POST", "vouneuil/residents", aline); again["id"] != card["id"] {
			t.Errorf("created twice: %v", again)
		}
		status, answer = c.Call("POST", "vouneuil/residents", `{"firstName": "Al1ne", "lastName": "Aubépin", "phone": "06"}`)
		want("with mistakes", status, http.StatusUnprocessableEntity, answer)
		if errs, _ := answer["errors"].([]any); len(errs) != 2 {
			t.Errorf("mistakes %v", answer)
		}
		status, card = c.Call("GET", "vouneuil/residents/"+id, "")
		want("read", status, http.StatusOK, card)
		status, card = c.Call("PUT", "vouneuil/residents/"+id, `{"firstName": "Aline", "lastName": "Aubépin", "email": "Aline@Exemple.fr"}`)
		want("update", status, http.StatusOK, card)
		if card["email"] != "aline@exemple.fr" || card["phone"] != nil {
			t.Errorf("updated %v", card)
		}
		for i := range 4 {
			c.Call("POST", "vouneuil/residents", fmt.Sprintf(`{"firstName": "Ali %c", "lastName": "Aubert"}`, 'A'+i))
		}
		seen := 0
		for next, page := "", 0; page < 5; page++ {
			status, answer = c.Call("GET", "vouneuil/residents?q=aub&limit=2"+next, "")
			want("search", status, http.StatusOK, answer)
			seen += len(answer["items"].([]any))
			cursor, more := answer["next"].(string)
			if !more {
				break
			}
			next = "&cursor=" + url.QueryEscape(cursor)
		}
		if seen != 5 {
			t.Errorf("%d cards over the pages, want 5", seen)
		}
		_, other := c.Call("POST", "vouneuil/residents", `{"firstName": "Alyne", "lastName": "Aubépin"}`)
		status, answer = c.Call("POST", "vouneuil/residents/"+id+"/merge", fmt.Sprintf(`{"from": %q}`, other["id"]))
		want("merge", status, http.StatusOK, answer)
		status, answer = c.Call("DELETE", "vouneuil/residents/"+id, "")
		want("erase as an agent", status, http.StatusForbidden, answer)

		c.Key = "manager@" + persontest.Vouneuil
		status, answer = c.Call("GET", "vouneuil/residents/"+id+"/export", "")
		want("export", status, http.StatusOK, answer)
		if services, _ := answer["services"].(map[string]any); services["visit"] == nil {
			t.Errorf("copy %v", answer)
		}
		n, err := store.ParseID(id)
		if err != nil {
			t.Fatal(err)
		}
		v.busy[n] = true
		status, answer = c.Call("DELETE", "vouneuil/residents/"+id, "")
		want("erase while something is under way", status, http.StatusConflict, answer)
		v.busy[n] = false
		status, answer = c.Call("DELETE", "vouneuil/residents/"+id, "")
		want("erase", status, http.StatusNoContent, answer)
		status, answer = c.Call("GET", "vouneuil/residents/"+id, "")
		want("read what is gone", status, http.StatusNotFound, answer)
	})
}
