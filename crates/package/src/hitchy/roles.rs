//! Which plugin takes which role, and who is dropped. Pure: a plugin that claims a role while it is loaded is brought here
//! by whoever loads it.

use std::collections::HashMap;

/// Two plugins want one role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RoleError {
    /// Both claimed it while they were loaded.
    #[error("multiple plugins claim to take role {role}: affects {first} and {second}")]
    Claimed {
        /// The role.
        role: String,
        /// The plugin that claimed it first.
        first: String,
        /// The plugin that claimed it as well.
        second: String,
    },
    /// Both have it in their beacons, and nobody claimed it.
    #[error("multiple plugins are claiming to take same role: {0}")]
    Static(String),
}

/// The roles of an application's plugins while these are loaded, one after the other.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    plugins: Vec<Claim>,
}

#[derive(Clone, Debug)]
struct Claim {
    name: String,
    static_role: Option<String>,
    role: Option<String>,
}

impl Claims {
    /// The plugins in order of discovery, each with its name and the role of its beacon.
    pub fn new<'a>(plugins: impl IntoIterator<Item = (&'a str, &'a str)>) -> Claims {
        let claim = |(name, role): (&str, &str)| Claim {
            name: name.to_owned(),
            static_role: Some(role.to_owned()),
            role: None,
        };
        Claims { plugins: plugins.into_iter().map(claim).collect() }
    }

    /// The plugin with this place in the order of discovery was loaded and claims `role`: every plugin that has it in its
    /// beacon loses it.
    ///
    /// # Errors
    ///
    /// [`RoleError::Claimed`] if another claimed it before.
    pub fn claim(&mut self, plugin: usize, role: &str) -> Result<(), RoleError> {
        for other in &mut self.plugins {
            if other.static_role.as_deref() == Some(role) {
                other.static_role = None;
            }
        }
        let taken = self
            .plugins
            .iter()
            .enumerate()
            .find(|(at, other)| *at != plugin && other.role.as_deref() == Some(role));
        let first = taken.map(|(_, other)| other.name.clone());
        let Some(claimant) = self.plugins.get_mut(plugin) else { return Ok(()) };
        if let Some(first) = first {
            return Err(RoleError::Claimed { role: role.to_owned(), first, second: claimant.name.clone() });
        }
        claimant.role = Some(role.to_owned());
        Ok(())
    }

    /// The plugin with this place has taken `role` by itself, without a claim: nobody loses it, and a claim that follows
    /// counts more.
    pub fn take(&mut self, plugin: usize, role: &str) {
        if let Some(taker) = self.plugins.get_mut(plugin) {
            taker.role = Some(role.to_owned());
        }
    }

    /// All are loaded: the role of each plugin, or none for one that is dropped.
    ///
    /// # Errors
    ///
    /// [`RoleError::Static`] if two plugins have one role.
    pub fn settle(self) -> Result<Vec<Option<String>>, RoleError> {
        let mut taken: HashMap<String, usize> = HashMap::new();
        let mut roles = Vec::new();
        for (at, plugin) in self.plugins.into_iter().enumerate() {
            let role = plugin.role.or(plugin.static_role);
            if let Some(role) = &role
                && taken.insert(role.clone(), at).is_some()
            {
                return Err(RoleError::Static(role.clone()));
            }
            roles.push(role);
        }
        Ok(roles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plugins as `name:static role` and `name:static role:claimed role`, in order of discovery.
    #[track_caller]
    fn check(plugins: &str, expected: &str) {
        let plugins: Vec<Vec<&str>> = plugins.split(' ').map(|plugin| plugin.split(':').collect()).collect();
        let mut claims = Claims::new(plugins.iter().map(|plugin| (plugin[0], plugin[1])));
        let claimed = plugins
            .iter()
            .enumerate()
            .filter_map(|(at, plugin)| Some((at, plugin.get(2)?)))
            .try_for_each(|(at, role)| claims.claim(at, role));
        let found = match claimed.and_then(|()| claims.settle()) {
            Ok(roles) => {
                roles.iter().map(|role| role.as_deref().unwrap_or("-")).collect::<Vec<_>>().join(" ")
            }
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn a_claim_beats_a_beacon_whatever_comes_first() {
        check("strong:strong:important weak:important", "important -");
        check("weak:important strong:strong:important", "- important");
        check("taker:taker:target target:target", "target -");
        check("aa:rr:rr bb:rr", "rr -");
        check("a:x b:x c:c:x", "- - x");
        check("loser:x:own taker:taker:x", "own x");
    }

    #[test]
    fn what_is_taken_without_a_claim_revokes_nothing() {
        let settle = |role: &str, claimed: Option<&str>| {
            let mut claims = Claims::new([("aa", "aa"), ("bb", "bb")]);
            claims.take(0, role);
            claimed.map_or(Ok(()), |role| claims.claim(0, role)).and_then(|()| claims.settle())
        };
        let roles = |first: &str, second: &str| Ok(vec![Some(first.to_owned()), Some(second.to_owned())]);
        assert_eq!(settle("sneaky", None), roles("sneaky", "bb"));
        assert_eq!(settle("bb", None), Err(RoleError::Static("bb".to_owned())));
        assert_eq!(settle("sneaky", Some("cc")), roles("cc", "bb"));
    }

    #[test]
    fn two_equal_claims_are_an_error() {
        check("aa:aa:rr bb:bb:rr", "multiple plugins claim to take role rr: affects aa and bb");
        check("aa:rr bb:rr", "multiple plugins are claiming to take same role: rr");
    }
}
