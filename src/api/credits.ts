/** The API's own currency: 1 US dollar is 2,000,000 credits (docs.aimlapi.com, FAQ "How can I track my funds"). */
export const CREDITS_PER_USD = 2_000_000
