use clap::Args;

use super::Configuration;

/// Options of `kalends forget`.
#[derive(Clone, Args)]
pub struct ForgetArgs {
    /// Which configuration.
    #[command(flatten)]
    pub configuration: Configuration,
    /// An e-mail address, upper and lower case alike
    #[arg(long, value_name = "ADDRESS", required_unless_present_any = ["subscription", "external_id"])]
    pub email: Vec<String>,
    /// The identifier of a calendar subscription, upper and lower case alike
    #[arg(long, value_name = "ID")]
    pub subscription: Vec<String>,
    /// The person's identifier in another system, exactly as sent
    #[arg(long, value_name = "ID")]
    pub external_id: Vec<String>,
    /// Do it; without it, only say what it means
    #[arg(long)]
    pub yes: bool,
    /// Print what it means and what became of it as one JSON object
    #[arg(long)]
    pub json: bool,
}

impl std::fmt::Debug for ForgetArgs {
    /// Without the values, which are personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ForgetArgs").field("yes", &self.yes).finish_non_exhaustive()
    }
}
