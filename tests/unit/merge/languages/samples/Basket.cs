// What a customer is about to buy.
using System;
using System.Collections.Generic;
using Money = System.Decimal;

[assembly: Shop("basket")]

namespace Shop.Baskets
{
    /// <summary>Holds items.</summary>
    [Serializable, Audited("till")]
    [Obsolete]
    public partial class Basket<T> : Container, IPriced where T : class
    {
        private const int Limit = 10;
        private readonly List<T> items = new List<T>();
        private int count, step;

        public event EventHandler Changed;

        #region properties
        public string Name { get; set; } = "basket";

        public int Count
        {
            get { return items.Count; }
            private set { count = value; }
        }
        #endregion

        static Basket()
        {
            Registry.Add(typeof(Basket<>));
        }

        public Basket() : this(Limit) { }

        public Basket(int limit)
        {
            this.limit = limit;
        }

        /// <summary>Puts one in.</summary>
        public void Add(T item)
        {
            items.Add(item);
        }

        public void Add(T item, int count)
        {
            for (int i = 0; i < count; i++)
            {
                Add(item);
            }
        }

        [InlineData("gift", 1)]
        [InlineData("sale", 1)]
        public Money Total(IDictionary<string, Money> prices, params int[] extras)
        {
            var sum = 0m;
            foreach (var item in items)
            {
                sum += prices[item.Name] * item.Count; // in cents
            }
            switch (mode)
            {
                case Mode.Gift:
                    sum = 0;
                    break;
                default:
                    Log("plain", sum);
                    break;
            }
            try
            {
                Check(sum);
            }
            catch (NegativeException error) when (error.Known)
            {
                Log("failed", error);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException("never", error);
            }
            var line = new Line { Name = "total", Count = 1 };
            return mode switch { Mode.Sale => sum / 2, _ => sum };
        }

#if DEBUG
        private void Trace() => Console.WriteLine($"count {count}");
#else
        private void Trace() { }
#endif

        public static Basket<T> operator +(Basket<T> one, Basket<T> other) => one.With(other);

        public T this[int index] => items[index];

        private enum Mode
        {
            Plain,
            Gift = 4,
            Sale
        }

        private interface IVisitor
        {
            void Visit(T item);
        }
    }
}
