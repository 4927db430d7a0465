//! What an account's newest posts say beyond what its platform declares: the median beside the mean, the rhythm, and the
//! engagement rate by its other definitions. Made when the kit is built, so that every platform with posts has it.

use super::engagement::{self, BY_FOLLOWERS, BY_REACH, BY_VIEWS, LIKES_BY_VIEWS};
use super::metric::{Figure, MetricAbout, Unit};
use super::platform::About;
use super::reading::Reported;
use super::snapshot::Snapshot;
use super::text::Text;

/// The metric that platforms declare where they show likes.
pub const RATE: &str = "engagement_rate";
/// The metric that platforms declare where they show views.
pub const MEAN: &str = "average_views";
/// The accounts reached in 28 days, a private number.
const REACH: &str = "reach_28d";

/// The median of the views.
pub const MEDIAN_VIEWS: MetricAbout =
    MetricAbout::count("median_views", Text::new("Aufrufe pro Video", "Views per video"));
/// How often there is something new.
pub const RHYTHM: MetricAbout =
    MetricAbout::count("posts_per_week", Text::new("Beiträge pro Woche", "Posts per week")).unit(Unit::Decimal);

/// How an engagement rate is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateBy {
    /// Interactions over followers.
    Followers,
    /// Interactions over accounts reached.
    Reach,
    /// Interactions over views.
    Views,
}

impl RateBy {
    /// Every definition.
    pub const ALL: [Self; 3] = [Self::Followers, Self::Reach, Self::Views];

    /// The name of a rate by it, beside [`RATE`], which is the platform's usual one.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Followers => "engagement_by_followers",
            Self::Reach => "engagement_by_reach",
            Self::Views => "engagement_by_views",
        }
    }

    /// The definition behind a formula.
    pub fn of(formula: &str) -> Option<Self> {
        match formula {
            BY_FOLLOWERS => Some(Self::Followers),
            BY_REACH => Some(Self::Reach),
            BY_VIEWS | LIKES_BY_VIEWS => Some(Self::Views),
            _ => None,
        }
    }
}

/// What the newest posts say. What they don't is `None` or not there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Study {
    /// The median of the views.
    pub median_views: Option<Figure>,
    /// Posts a week.
    pub rhythm: Option<Figure>,
    /// The engagement rate by every definition that can be computed, the platform's own first.
    pub rates: Vec<(RateBy, Figure)>,
}

impl Study {
    /// All that is studied on a platform, by its key; what is not known of an account is `None`.
    pub fn figures(&self, about: &About) -> Vec<(&'static str, Unit, Option<&Figure>)> {
        let declares = |key: &str| about.metrics.iter().any(|metric| metric.key == key);
        let median = declares(MEAN).then_some((MEDIAN_VIEWS.key, MEDIAN_VIEWS.unit, self.median_views.as_ref()));
        let rate = |by: RateBy| self.rates.iter().find(|(known, _)| *known == by).map(|(_, figure)| figure);
        let rates = RateBy::ALL.map(|by| (by.key(), Unit::Percent, rate(by)));
        let rates = rates.into_iter().filter(|_| declares(RATE));
        let rhythm = (RHYTHM.key, RHYTHM.unit, self.rhythm.as_ref());
        let rhythm = (declares(MEAN) || declares(RATE)).then_some(rhythm);
        median.into_iter().chain(rates).chain(rhythm).collect()
    }

    /// The study of a snapshot's posts; `reach_is_public` says whether a rate may tell how many were reached.
    pub fn of(about: &About, snapshot: &Snapshot, reach_is_public: bool) -> Self {
        let own = |key: &str| snapshot.figures.get(key).filter(|figure| figure.basis.is_some());
        // Posts have no source and time of their own: they came with the figures that were made of them.
        let Some(base) = own(MEAN).or_else(|| own(RATE)) else { return Self::default() };
        let (posts, now) = (&snapshot.posts, base.fetched_at);
        let figure = |made: Reported, with: Option<&Figure>| Figure {
            value: made.value,
            precision: with.map_or(base.precision, |with| with.precision.max(base.precision)),
            origin: base.origin.clone(),
            fetched_at: with.map_or(now, |with| with.fetched_at.min(now)),
            basis: made.basis,
        };
        let audience = snapshot.figures.get(about.audience);
        let reach = snapshot.figures.get(REACH).filter(|_| reach_is_public);
        let over = |of: Option<&Figure>, by: fn(&[_], i64, _) -> _| {
            let made: Option<Reported> = by(posts, of?.value.count()?, now);
            Some(figure(made?, of))
        };
        let rates = [
            own(RATE).cloned(),
            engagement::by_views(posts, now).map(|made| figure(made, None)),
            over(reach, engagement::by_reach),
            over(audience, engagement::by_followers),
        ];
        let mut distinct: Vec<(RateBy, Figure)> = Vec::new();
        for rate in rates.into_iter().flatten().filter(|_| own(RATE).is_some()) {
            let by = rate.basis.as_ref().and_then(|basis| RateBy::of(&basis.formula));
            if let Some(by) = by.filter(|by| distinct.iter().all(|(known, _)| known != by)) {
                distinct.push((by, rate));
            }
        }
        Self {
            median_views: own(MEAN).and_then(|_| engagement::median_views(posts, now)).map(|made| figure(made, None)),
            rhythm: engagement::posts_per_week(posts, now).map(|made| figure(made, None)),
            rates: distinct,
        }
    }
}
