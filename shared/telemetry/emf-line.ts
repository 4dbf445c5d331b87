/** One figure for CloudWatch, and what tells it from others of its name. */
export interface Metric {
  readonly name: string;
  readonly unit: 'Count' | 'Seconds';
  readonly value: number;
  readonly dimensions?: Readonly<Record<string, string>>;
}

/**
 * Writes a figure as a log line that CloudWatch makes a metric of, so that no function needs a right to put one.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function emfLine(
  { name, unit, value, dimensions = {} }: Metric,
  at: { readonly namespace: string; readonly now: Date },
): string {
  return JSON.stringify({
    _aws: {
      Timestamp: at.now.getTime(),
      CloudWatchMetrics: [
        {
          Namespace: at.namespace,
          Dimensions: [Object.keys(dimensions)],
          Metrics: [{ Name: name, Unit: unit }],
        },
      ],
    },
    ...dimensions,
    [name]: value,
  });
}
