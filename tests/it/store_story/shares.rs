//! Links to the kit and requests for one, the same on both databases.

use jiff::SignedDuration;
use jiff::civil::date;
use mediakit::domain::share::{MOST_REQUESTS, Opened, Request, Terms};
use mediakit::domain::visit::Counted;
use mediakit::store::{Password, Store};
use secrecy::{ExposeSecret as _, SecretString};

use super::at;
use crate::databases;

fn terms(brand: &str) -> Terms {
    Terms { brand: brand.to_owned(), contact: None, expires_at: None, blocks: vec![1, 3], rates: None }
}

async fn add(store: &Store, address: &str, password: &Password, answers: Option<i64>) -> i64 {
    let (terms, now) = (terms("Radwerk"), at("2026-11-22T03:00:00Z"));
    store.insert_share(1, address, &terms, password, answers, now).await.unwrap().unwrap()
}

#[tokio::test]
async fn links_and_requests_are_kept() {
    for database in databases::each().await {
        let store = database.open().await;
        let asked_at = at("2026-11-22T03:00:00Z");
        let request = Request {
            id: 0,
            name: "Ben".to_owned(),
            brand: "Radwerk".to_owned(),
            email: "ben@radwerk.example".to_owned(),
            message: None,
            asked_at,
        };
        for _ in 0..MOST_REQUESTS {
            assert!(store.insert_request(1, &request).await.unwrap());
        }
        assert!(!store.insert_request(1, &request).await.unwrap(), "no more than may wait");
        let waiting = store.requests(1).await.unwrap();
        assert_eq!(Request { id: 0, ..waiting[0].clone() }, request);
        let hash = Password::Set(SecretString::from("$argon2id$canary"));
        let id = add(&store, "radwerk-1", &hash, Some(waiting[0].id)).await;
        assert_eq!(store.requests(1).await.unwrap().len(), MOST_REQUESTS - 1, "the answered one is gone");
        let late = Request { asked_at: asked_at + SignedDuration::from_hours(24 * 61), ..request };
        assert!(store.insert_request(1, &late).await.unwrap());
        assert_eq!(store.requests(1).await.unwrap().len(), 1, "what waited too long is deleted");

        let share = store.shares(1).await.unwrap().remove(0);
        assert_eq!((share.id, share.address.as_str(), &share.terms), (id, "radwerk-1", &terms("Radwerk")));
        assert!(share.lock.is_some());
        assert_eq!(store.share_password("radwerk-1").await.unwrap().unwrap().expose_secret(), "$argon2id$canary");
        assert!(store.update_share(1, id, 0, &terms("Neu"), &Password::Keep).await.unwrap());
        assert!(!store.update_share(1, id, 0, &terms("Alt"), &Password::Remove).await.unwrap(), "somebody was faster");
        let share = store.shares(1).await.unwrap().remove(0);
        assert!(share.terms.brand == "Neu" && share.lock.is_some());
        assert!(store.update_share(1, id, 1, &terms("Neu"), &Password::Remove).await.unwrap());
        assert!(store.shares(1).await.unwrap()[0].lock.is_none());

        let (first, last) = (date(2026, 11, 22), date(2026, 11, 24));
        let opened = |times, day| [(Counted::Share(id), day, times), (Counted::Share(999), day, 1)];
        for (times, day) in [(2, last), (1, first)] {
            store.add_visits(&opened(times, day)).await.unwrap();
        }
        assert_eq!(store.opened(1).await.unwrap()[&id], Opened { times: 3, last: Some(last) });

        assert!(!store.delete_share(1, id).await.unwrap(), "one that holds stays");
        assert!(store.revoke_share(1, id, asked_at).await.unwrap());
        assert!(!store.revoke_share(1, id, late.asked_at).await.unwrap(), "it ends once");
        assert_eq!(store.shares(1).await.unwrap()[0].revoked_at, Some(asked_at));
        assert!(store.delete_share(1, id).await.unwrap() && store.shares(1).await.unwrap().is_empty());
    }
}
