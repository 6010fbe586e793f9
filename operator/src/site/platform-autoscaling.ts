import { z } from 'zod';

/** Part of CSMS_PLATFORM: how the number of gateways follows the number of stations. */
export const Autoscaling = z
  .strictObject({
    metricsApi: z.boolean().default(false).describe('The operator itself tells autoscalers the connections of gateways, as custom.metrics.k8s.io (CSMS_METRICS_API_PORT). Absent: who counts is found out by asking the cluster.'),
    scaleDownWindowSeconds: z.int().min(0).max(3600).default(300).describe('A pool shrinks to the largest number of gateways that was wanted in the last so many seconds.'),
    scaleDownPeriodSeconds: z.int().min(1).max(1800).default(120).describe('A pool shrinks by one gateway at most in so many seconds.'),
    deletionCostSeconds: z.int().min(5).max(86_400).default(60).describe('How often the gateways with the fewest stations are marked as those to end first.'),
  })
  .prefault({})
  .describe('How the number of gateways of a pool follows its stations.');
