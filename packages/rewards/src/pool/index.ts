// Rewards in workers with a watchdog. Published as "@sixtyone/rewards/pool", apart from the rest: this is a
// part that starts workers.

export {
  mathPool,
  rewardPool,
  type MathPool,
  type MathPoolOptions,
  type ModuleOptions,
  type PooledReward,
  type RewardPoolOptions,
  type Timed,
} from "./reward-pool.ts";
