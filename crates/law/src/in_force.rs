//! What of the law counted by a day, laid out for speed.

use jiff::civil::Date;
use kernel::{Dong, Month, ProvinceCode};

use crate::benefit_set::BenefitSet;
use crate::files::{HighestOnly, Rate, Rules, Stop, Version};
use crate::glance::Glance;
use crate::standard::Standards;
use crate::timeline::Timeline;
use crate::{Benefit, Law};

/// The law as it counted by a day: what came into force later is left out.
#[derive(Clone, Debug)]
pub struct InForce {
    pub(crate) as_of: Date,
    pub(crate) standards: Standards,
    pub(crate) rules: Timeline<RulesInForce>,
    /// By `Benefit::number`.
    pub(crate) programmes: Vec<Timeline<VersionInForce>>,
}

/// Rules with their sets of benefits.
#[derive(Clone, Debug)]
pub(crate) struct RulesInForce {
    pub(crate) stops: Vec<(Stop, BenefitSet)>,
    pub(crate) highest_only: Vec<HighestOnlyInForce>,
}

/// Benefits of which only the highest is paid, as sets.
#[derive(Clone, Debug)]
pub(crate) struct HighestOnlyInForce {
    pub(crate) among: BenefitSet,
    pub(crate) exception: Option<Benefit>,
    pub(crate) besides: BenefitSet,
    pub(crate) text: HighestOnly,
}

/// A version and which facts its rates ask for.
#[derive(Clone, Debug)]
pub(crate) struct VersionInForce {
    pub(crate) text: Version,
    pub(crate) asks_grade: bool,
    pub(crate) asks_pregnant: bool,
}

impl InForce {
    pub(crate) fn compile(law: &Law, as_of: Date) -> InForce {
        let mut rules: Vec<&Rules> = law.rules.iter().filter(|r| r.in_force <= as_of).collect();
        rules.sort_by_key(|rules| rules.in_force);
        let mut programmes = vec![Timeline::default(); Benefit::ALL.len() + 1];
        for (benefit, programme) in &law.programmes {
            let versions = programme.version.iter();
            let mut versions: Vec<&Version> = versions.filter(|v| v.in_force <= as_of).collect();
            versions.sort_by_key(|version| version.in_force);
            programmes[*benefit as usize] = Timeline::new(
                versions
                    .into_iter()
                    .map(|v| (v.from, VersionInForce::new(v))),
            );
        }
        InForce {
            as_of,
            standards: Standards::compile(law, as_of),
            rules: Timeline::new(rules.into_iter().map(|r| (r.from, RulesInForce::new(r)))),
            programmes,
        }
    }

    /// The day by which this law counted.
    pub const fn as_of(&self) -> Date {
        self.as_of
    }

    /// The first month of which any law speaks.
    pub fn first_month(&self) -> Option<Month> {
        self.standards.first_month()
    }

    /// The standard amount of a province (none: of the country) for a benefit in a month, đồng at
    /// coefficient 1.0; `None` before the first law.
    pub fn standard(
        &self,
        province: Option<ProvinceCode>,
        benefit: Benefit,
        month: Month,
    ) -> Option<Dong> {
        let standard = self.standards.at(province, benefit, &mut Glance::at(month));
        standard.map(|standard| standard.amount)
    }

    pub(crate) fn version(&self, benefit: Benefit, glance: &mut Glance) -> Option<&VersionInForce> {
        self.programmes[benefit as usize].at(glance)
    }
}

impl RulesInForce {
    fn new(rules: &Rules) -> RulesInForce {
        let stop = |stop: &Stop| (stop.clone(), stop.except.iter().copied().collect());
        let group = |group: &HighestOnly| HighestOnlyInForce {
            among: group.among.iter().copied().collect(),
            exception: group.exception,
            besides: group.besides.iter().copied().collect(),
            text: group.clone(),
        };
        RulesInForce {
            stops: rules.stop.iter().map(stop).collect(),
            highest_only: rules.highest_only.iter().map(group).collect(),
        }
    }
}

impl VersionInForce {
    fn new(version: &Version) -> VersionInForce {
        let asks = |ask: fn(&Rate) -> bool| version.rate.iter().any(ask);
        VersionInForce {
            asks_grade: asks(|rate| rate.grade.is_some()),
            asks_pregnant: asks(|rate| rate.pregnant),
            text: version.clone(),
        }
    }
}
