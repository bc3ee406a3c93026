package dossier_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"parvis/engine/dossier"
	"parvis/platform/store"
)

// The page of a merged request answers with the one that goes on, without what
// is between its requester and the service; so does a follower's.
func TestPageOfAMergedRequest(t *testing.T) {
	s := newSite(t)
	kept, from := s.open(t, s.opening()), s.open(t, s.opening())
	do(t, s.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
		return s.Merge(ctx, tx, from.ID, kept.ID, staff)
	})
	do(t, s.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
		return s.Say(ctx, tx, kept.ID, resident, "Mon adresse est 3 rue Haute")
	})
	do(t, s.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
		return s.Answer(ctx, tx, kept.ID, staff, "Bonjour Mme Pinson", false)
	})
	do(t, s.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
		return s.Answer(ctx, tx, kept.ID, staff, "Nous passons jeudi", true)
	})
	f := do(t, s.h, func(ctx context.Context, tx *store.Tx) (dossier.Follower, error) {
		return s.Follow(ctx, tx, from.ID, dossier.Contact{Email: "iris@exemple.fr"})
	})
	follower := do(t, s.h, func(ctx context.Context, tx *store.Tx) (string, error) {
		return dossier.FollowerLink(s.Engine, ctx, tx, kept.ID, f.ID)
	})
	for who, token := range map[string]string{"merged": from.Token, "follower": follower} {
		p := s.get(t, "/vouneuil/suivi/"+token)
		text := strings.Join(strings.Fields(p.Text()), " ")
		for words, want := range map[string]bool{"Nous passons jeudi": true, kept.Number: true, "3 rue Haute": false, "Mme Pinson": false, "Rose@Exemple.fr": false} {
			if strings.Contains(text, words) != want {
				t.Errorf("%s reads %q: %v", who, words, !want)
			}
		}
		if p.Find("form[action$='/message']").Length() != 0 {
			t.Errorf("%s may write to the service about somebody else's request", who)
		}
	}
	if p := s.get(t, "/vouneuil/suivi/"+kept.Token); !strings.Contains(p.Text(), "3 rue Haute") || !strings.Contains(p.Text(), "Mme Pinson") {
		t.Error("the requester does not read their own messages")
	}
	if p := s.post(t, "/vouneuil/suivi/"+follower+"/message", map[string][]string{"message": {"x"}}); p.status != http.StatusNotFound {
		t.Errorf("a follower writes: %d", p.status)
	}
	if p := s.post(t, "/vouneuil/suivi/"+kept.Token+"/arret", nil); p.status != http.StatusNotFound {
		t.Errorf("the requester stops following: %d", p.status)
	}
	if p := s.post(t, "/vouneuil/suivi/"+follower+"/arret", nil); p.status != http.StatusOK || !strings.Contains(p.Text(), "Vous ne suivez plus") {
		t.Errorf("stopping: %d", p.status)
	}
	if p := s.get(t, "/vouneuil/suivi/"+follower); p.status != http.StatusNotFound {
		t.Errorf("the link of who stopped: %d", p.status)
	}
}
