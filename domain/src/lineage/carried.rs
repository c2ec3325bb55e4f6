//! Which relations are carried: the one place that a room to come adds itself to.

use crate::actions::ActionFields;
use crate::bearers::BearerFields;
use crate::facilitations::FacilitationFields;
use crate::memberships::MembershipFields;
use crate::objectives::ObjectiveFields;
use crate::poolings::PoolingFields;
use crate::relations::Stated;

/// Something done with the relations of each kind that is carried.
pub trait Carrying {
    /// Why it fails.
    type Error;

    /// Does it with the relations of this kind.
    fn with<F: Stated>(&mut self) -> Result<(), Self::Error>;
}

/// Does something with every kind of relations that is carried; those that others name come before them.
///
/// Founding texts are not: a successor signs its own.
pub fn each_carried<C: Carrying>(carrying: &mut C) -> Result<(), C::Error> {
    carrying.with::<MembershipFields>()?;
    carrying.with::<BearerFields>()?;
    carrying.with::<FacilitationFields>()?;
    carrying.with::<ObjectiveFields>()?;
    carrying.with::<ActionFields>()?;
    carrying.with::<PoolingFields>()
}
