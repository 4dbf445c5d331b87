/** One figure for CloudWatch, and what tells it from others of its name. */
export interface Metric {
  readonly name: string;
  readonly unit: 'Count' | 'Seconds';
  readonly value: number;
  readonly dimensions?: Readonly<Record<string, string>>;
}

/** Where a figure belongs. */
interface EmfPlace {
  readonly namespace: string;
  readonly now: Date;
}

/**
 * What makes a JSON line with a field of the metric's name a figure for CloudWatch, so that no function needs a right to put
 * one. `by` names the other fields of the line that tell it apart, one combination each.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function emfHead(
  { name, unit }: Pick<Metric, 'name' | 'unit'>,
  by: readonly (readonly string[])[],
  { namespace, now }: EmfPlace,
) {
  const figure = { Namespace: namespace, Dimensions: by, Metrics: [{ Name: name, Unit: unit }] };
  return { _aws: { Timestamp: now.getTime(), CloudWatchMetrics: [figure] } };
}

/** Writes a figure as a line of its own. */
export function emfLine(metric: Metric, at: EmfPlace): string {
  const { name, value, dimensions = {} } = metric;
  return JSON.stringify({ ...emfHead(metric, [Object.keys(dimensions)], at), ...dimensions, [name]: value });
}
